package org.finitentk.internal.autodiff;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.finitentk.onnx.ElementType;
import org.junit.jupiter.api.Test;

/** Where a Jacobian stops being finite can be found, and a branch that is taken stays infinite. */
final class TracedTest {
    @Test
    void noTangentIsNoTangentWhateverItIsMultipliedWith() {
        Net net = new Net(ElementType.DOUBLE);
        String h = net.op("Sqrt", net.op("Mul", net.x(3), net.p(3)));
        String y = net.op("Tanh", net.op("MatMul", net.op("Neg", h), net.p(3, 2)));
        Linearization linearization = Linearization.of(net.graph(y), DerivativeChecker.PARAMETERS);
        Map<String, NdArray> feeds = net.draw(2, 3);
        double[] theta = requireNonNull(net.graph(y).initializers().get("p0")).toDoubles();
        Arrays.setAll(requireNonNull(feeds.get("x0")).data(), i -> i == 4 ? 0 : 1 / theta[i % 3]);
        NdArray v = NdArray.zeros(ElementType.DOUBLE, Math.toIntExact(linearization.parameterCount()));
        Arrays.fill(v.data(), 1);
        feeds.put(Linearization.TANGENT, v);
        Linearization.Traced traced = linearization.traced();
        Map<String, NdArray> tangents = ReferenceInterpreter.run(traced.graph(), feeds);
        // the data's zero makes an exact zero of the tangent of x p, which is 0 for every p: the network does not
        // depend on it
        assertTrue(
                traced.nodes().keySet().stream()
                        .allMatch(name -> Arrays.stream(
                                        requireNonNull(tangents.get(name)).data())
                                .allMatch(Double::isFinite)),
                "zero times infinity");
        assertEquals(5, traced.nodes().size());
    }

    @Test
    void aBranchThatIsTakenStaysInfinite() {
        Net net = new Net(ElementType.DOUBLE);
        String h = net.op("Sqrt", net.op("Mul", net.op("Add", net.x(3), net.zero(3)), net.scalar(2)));
        String y = net.op("Tanh", net.op("MatMul", net.op("Neg", h), net.p(3, 2)));
        Linearization linearization = Linearization.of(net.graph(y), DerivativeChecker.PARAMETERS);
        Map<String, NdArray> feeds = net.draw(2, 3);
        Arrays.setAll(requireNonNull(feeds.get("x0")).data(), i -> i == 4 ? 0 : 1);
        NdArray v = NdArray.zeros(ElementType.DOUBLE, Math.toIntExact(linearization.parameterCount()));
        Arrays.fill(v.data(), 1);
        feeds.put(Linearization.TANGENT, v);
        NdArray jv = requireNonNull(
                ReferenceInterpreter.run(linearization.jvp(), feeds).get(Linearization.JV));
        assertTrue(Double.isFinite(jv.at(0, 0)) && !Double.isFinite(jv.at(1, 0)), Arrays.toString(jv.data()));
        Linearization.Traced traced = linearization.traced();
        Map<String, NdArray> tangents = ReferenceInterpreter.run(traced.graph(), feeds);
        String first = traced.nodes().keySet().stream()
                .filter(name -> !Arrays.stream(
                                requireNonNull(tangents.get(name)).data())
                        .allMatch(Double::isFinite))
                .findFirst()
                .orElseThrow();
        String node = requireNonNull(traced.nodes().get(first));
        assertTrue(node.contains("Sqrt"), node);
    }
}
