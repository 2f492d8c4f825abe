package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of the recurrent operators, example by example and number by number. */
final class ReferenceRecurrent {
    private ReferenceRecurrent() {}

    static void register(Map<String, Operator> t) {
        for (String op : List.of("RNN", "GRU", "LSTM")) {
            t.put(op, ReferenceRecurrent::recurrent);
        }
    }

    private static List<NdArray> recurrent(Node node, NdArray[] given) {
        NdArray[] in = Arrays.copyOf(given, 8);
        boolean batchFirst = node.integer("layout", 0) != 0;
        NdArray x = batchFirst ? ReferenceMovement.transpose(in[0], 1, 0, 2) : in[0];
        for (int i = 5; i < 7; i++) {
            in[i] = batchFirst && in[i] != null ? ReferenceMovement.transpose(in[i], 1, 0, 2) : in[i];
        }
        int steps = x.shape()[0];
        int batch = x.shape()[1];
        int directions = in[1].shape()[0];
        int hidden = in[2].shape()[2];
        NdArray all = NdArray.zeros(x.type(), steps, directions, batch, hidden);
        NdArray last = NdArray.zeros(x.type(), directions, batch, hidden);
        NdArray cells = NdArray.zeros(x.type(), directions, batch, hidden);
        for (int d = 0; d < directions; d++) {
            for (int b = 0; b < batch; b++) {
                double[] h = state(in[5], d, b, hidden);
                double[] c = state(in[6], d, b, hidden);
                int length = in[4] == null ? steps : (int) in[4].data()[b];
                boolean backward = d == 1 || node.string("direction", "forward").equals("reverse");
                for (int s = 0; s < length; s++) {
                    int t = backward ? length - 1 - s : s;
                    h = new Step(node, in, d, hidden).run(row(x, t, b), h, c);
                    System.arraycopy(h, 0, all.data(), all.flat(t, d, b, 0), hidden);
                }
                System.arraycopy(h, 0, last.data(), last.flat(d, b, 0), hidden);
                System.arraycopy(c, 0, cells.data(), cells.flat(d, b, 0), hidden);
            }
        }
        return batchFirst
                ? List.of(
                        ReferenceMovement.transpose(all, 2, 0, 1, 3),
                        ReferenceMovement.transpose(last, 1, 0, 2),
                        ReferenceMovement.transpose(cells, 1, 0, 2))
                : List.of(all, last, cells);
    }

    private static double[] state(NdArray given, int d, int b, int hidden) {
        return given == null ? new double[hidden] : row(given, d, b);
    }

    private static double[] row(NdArray a, int i, int j) {
        int from = a.flat(i, j, 0);
        return Arrays.copyOfRange(a.data(), from, from + a.shape()[2]);
    }

    /** One step of one example in one direction; the formulas of the specification. */
    private record Step(Node node, NdArray[] in, int d, int hidden) {
        double[] run(double[] x, double[] h, double[] c) {
            return switch (node.op()) {
                case "RNN" -> {
                    double[] out = new double[hidden];
                    Arrays.setAll(out, j -> f(0, input(0, j, x) + recurrent(0, j, h)));
                    yield out;
                }
                case "GRU" -> gru(x, h);
                default -> lstm(x, h, c);
            };
        }

        private double[] gru(double[] x, double[] h) {
            double[] z = new double[hidden];
            double[] r = new double[hidden];
            double[] out = new double[hidden];
            for (int j = 0; j < hidden; j++) {
                z[j] = f(0, input(0, j, x) + recurrent(0, j, h));
                r[j] = f(0, input(1, j, x) + recurrent(1, j, h));
            }
            double[] reset = new double[hidden];
            Arrays.setAll(reset, j -> r[j] * h[j]);
            boolean linear = node.integer("linear_before_reset", 0) != 0;
            for (int j = 0; j < hidden; j++) {
                double g = f(1, input(2, j, x) + (linear ? r[j] * recurrent(2, j, h) : recurrent(2, j, reset)));
                out[j] = (1 - z[j]) * g + z[j] * h[j];
            }
            return out;
        }

        /** Changes c to the new cell state. */
        private double[] lstm(double[] x, double[] h, double[] c) {
            double[] out = new double[hidden];
            for (int j = 0; j < hidden; j++) {
                double i = f(0, input(0, j, x) + recurrent(0, j, h) + peephole(0, j) * c[j]);
                double forget = node.integer("input_forget", 0) != 0
                        ? 1 - i
                        : f(0, input(2, j, x) + recurrent(2, j, h) + peephole(2, j) * c[j]);
                c[j] = forget * c[j] + i * f(1, input(3, j, x) + recurrent(3, j, h));
                double o = f(0, input(1, j, x) + recurrent(1, j, h) + peephole(1, j) * c[j]);
                out[j] = o * function(2).applyAsDouble(c[j]);
            }
            return out;
        }

        private int gates() {
            return in[2].shape()[1] / hidden;
        }

        private double input(int gate, int j, double[] x) {
            double sum = in[3] == null ? 0 : in[3].at(d, gate * hidden + j);
            for (int i = 0; i < x.length; i++) {
                sum += in[1].at(d, gate * hidden + j, i) * x[i];
            }
            return sum;
        }

        private double recurrent(int gate, int j, double[] h) {
            double sum = in[3] == null ? 0 : in[3].at(d, (gates() + gate) * hidden + j);
            for (int i = 0; i < hidden; i++) {
                sum += in[2].at(d, gate * hidden + j, i) * h[i];
            }
            return sum;
        }

        private double peephole(int gate, int j) {
            return in[7] == null ? 0 : in[7].at(d, gate * hidden + j);
        }

        private double f(int i, double gate) {
            double clip = node.real("clip", Float.MAX_VALUE);
            return function(i).applyAsDouble(Math.max(-clip, Math.min(clip, gate)));
        }

        /** Rows with numbers for their activations name the same function everywhere. */
        private DoubleUnaryOperator function(int i) {
            List<String> names = node.strings("activations");
            int each = node.op().equals("LSTM") ? 3 : node.op().equals("GRU") ? 2 : 1;
            String name = names.isEmpty() ? each == 1 || i > 0 ? "Tanh" : "Sigmoid" : names.get(d * each + i);
            float[] alphas = node.reals("activation_alpha");
            float[] betas = node.reals("activation_beta");
            double alpha = alphas == null ? 0 : alphas[0];
            double beta = betas == null ? 0 : betas[0];
            return switch (name) {
                case "Tanh" -> Math::tanh;
                case "Sigmoid" -> v -> 1 / (1 + Math.exp(-v));
                case "Relu" -> v -> Math.max(0, v);
                case "Softsign" -> v -> v / (1 + Math.abs(v));
                case "Affine" -> v -> alpha * v + beta;
                case "ScaledTanh" -> v -> alpha * Math.tanh(beta * v);
                case "LeakyRelu" -> v -> v < 0 ? alpha * v : v;
                case "HardSigmoid" -> v -> Math.max(0, Math.min(1, alpha * v + beta));
                default -> throw new IllegalStateException(name);
            };
        }
    }
}
