package org.finitentk.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.finitentk.internal.onnx.FloatConstant;
import org.finitentk.internal.onnx.OperationCount;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code inspect}: what is in a model, and whether and at what cost it can be linearized. */
@Command(
        name = "inspect",
        versionProvider = OperatorList.class,
        description = "Shows inputs, outputs, operators, tangent parameters and the cost of the Jacobian products.")
final class InspectCommand implements Callable<Integer> {
    @Mixin
    private SelectedModel model;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @SuppressWarnings("UnusedVariable") // answered by picocli
    @Option(
            names = OperatorList.OPTION,
            versionHelp = true,
            description = "list all operators of the ONNX standard, and whether there is a derivative through each, and"
                    + " exit; needs no model")
    private boolean operators;

    // not of mixinStandardHelpOptions, whose --version would be a second option that is answered without a model
    @SuppressWarnings("UnusedVariable") // answered by picocli
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help message and exit")
    private boolean help;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    InspectCommand() {}

    @Override
    public Integer call() throws JsonProcessingException {
        ModelFile file = ModelFile.read(model.path(), model.view(), model.selection());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json(file)));
        } else {
            print(file, out);
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static void print(ModelFile file, PrintWriter out) {
        line(out, "%s%s", file.path(), file.producer() == null ? "" : "  (bundle by " + file.producer() + ")");
        file.inputs().forEach(i -> line(out, "input   %s  %s %s", i.name(), i.type(), i.dims()));
        file.graph().outputs().forEach(o -> line(out, "output  %s  %s %s", o.name(), o.type(), o.dims()));
        file.graph().notes().forEach(note -> line(out, "note    %s", note));
        line(out, "%noperators");
        file.operators()
                .forEach((operator, count) -> line(
                        out,
                        "  %-28s %5d  %s",
                        operator,
                        count,
                        ModelFile.hasRule(operator) ? "has a rule" : "NO RULE"));
        ModelFile.Products products = file.products();
        if (products == null) {
            line(out, "%ncannot be linearized: %s", String.valueOf(file.refusal()));
            printOthers(new ConstantList(file.constants()), out);
            return;
        }
        ConstantList constants = new ConstantList(file.constants());
        line(out, "%nparameters%n  %12s %12s  %-20s %s", "offset", "size", "shape", "name: why");
        constants.parameters(products.parameters()).forEach(out::println);
        printOthers(constants, out);
        line(out, "%nP = %d parameters, k = %d outputs", products.parameterCount(), products.outputSize());
        line(out, "cost of f    %s", cost(products.forward()));
        line(out, "cost of Jv   %s", cost(products.jvp()));
        line(out, "cost of J'u  %s", cost(products.vjp()));
        if (products.bytesPerExample() > 0) {
            line(out, "memory       %.3f MiB an example", products.bytesPerExample() / 1048576.0);
        }
    }

    private static void printOthers(ConstantList constants, PrintWriter out) {
        List<String> others = constants.others();
        if (!others.isEmpty()) {
            line(out, "%nother float constants (--include takes in what is no running mean or variance)");
            others.forEach(out::println);
        }
    }

    private static String cost(OperationCount count) {
        return String.format(
                Locale.ROOT,
                "%.4g million operations an example, %.4g million a run",
                count.perExample() / 1e6,
                count.fixed() / 1e6);
    }

    private static void line(PrintWriter out, String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }

    private static ObjectNode json(ModelFile file) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("path", file.path().toString());
        root.put("producer", file.producer());
        values(root.putArray("inputs"), file.inputs());
        values(root.putArray("outputs"), file.graph().outputs());
        file.graph().notes().forEach(root.putArray("notes")::add);
        ArrayNode operators = root.putArray("operators");
        for (Map.Entry<String, Integer> entry : file.operators().entrySet()) {
            operators
                    .addObject()
                    .put("operator", entry.getKey())
                    .put("count", entry.getValue())
                    .put("rule", ModelFile.hasRule(entry.getKey()));
        }
        root.put("refusal", file.refusal());
        new ConstantList(file.constants()).addTo(root.putArray("constants"));
        ModelFile.Products products = file.products();
        if (products != null) {
            root.put("P", products.parameterCount()).put("k", products.outputSize());
            ArrayNode parameters = root.putArray("parameters");
            for (Parameter p : products.parameters()) {
                p.shape()
                        .forEach(parameters
                                .addObject()
                                .put("name", p.name())
                                .put("offset", p.offset())
                                .put("size", p.size())
                                .putArray("shape")::add);
            }
            ArrayNode others = root.putArray("others");
            for (FloatConstant p : file.others()) {
                p.shape()
                        .forEach(others.addObject()
                                .put("name", p.name())
                                .put("size", p.size())
                                .putArray("shape")::add);
            }
            cost(root.putObject("forward"), products.forward());
            cost(root.putObject("jvp"), products.jvp());
            cost(root.putObject("vjp"), products.vjp());
            root.put("bytesPerExample", products.bytesPerExample());
        }
        return root;
    }

    private static void values(ArrayNode to, List<ValueInfo> values) {
        for (ValueInfo value : values) {
            ArrayNode dims = to.addObject()
                    .put("name", value.name())
                    .put("type", value.type().name().toLowerCase(Locale.ROOT))
                    .putArray("shape");
            for (int i = 0; i < value.dims().size(); i++) {
                if (value.isFixed(i)) {
                    dims.add(value.dim(i));
                } else {
                    dims.add(value.dims().get(i));
                }
            }
        }
    }

    private static void cost(ObjectNode to, OperationCount count) {
        to.put("operationsPerExample", count.perExample()).put("operationsPerRun", count.fixed());
    }
}
