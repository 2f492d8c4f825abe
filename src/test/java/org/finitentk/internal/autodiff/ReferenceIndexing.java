package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;

/** Reference semantics of operators that read or write by indices or by the order of the elements. */
final class ReferenceIndexing {
    private ReferenceIndexing() {}

    static void register(Map<String, Operator> t) {
        t.put("Gather", (n, in) -> List.of(gather(n, in)));
        t.put("ScatterND", (n, in) -> List.of(scatter(n, in)));
        t.put("GatherElements", (n, in) -> List.of(gatherElements(n, in)));
        t.put("ScatterElements", (n, in) -> List.of(scatterElements(n, in)));
        t.put("GatherND", (n, in) -> List.of(gatherNd(n, in)));
        t.put("TopK", ReferenceIndexing::topK);
        t.put("Trilu", (n, in) -> List.of(trilu(n, in)));
        t.put("CumSum", (n, in) -> List.of(cumSum(n, in)));
    }

    private static NdArray gather(Node node, NdArray[] in) {
        NdArray x = in[0];
        NdArray indices = in[1];
        int axis = ReferenceInterpreter.axis(node.integer("axis", 0), x.rank());
        int q = indices.rank();
        int[] shape = new int[x.rank() - 1 + q];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = i < axis ? x.shape()[i] : i < axis + q ? indices.shape()[i - axis] : x.shape()[i - q + 1];
        }
        NdArray out = NdArray.zeros(x.type(), shape);
        for (int i = 0; i < out.data().length; i++) {
            int[] index = NdArray.index(i, shape);
            int[] source = new int[x.rank()];
            int at = (int) indices.at(Arrays.copyOfRange(index, axis, axis + q));
            for (int d = 0; d < source.length; d++) {
                source[d] = d < axis
                        ? index[d]
                        : d == axis ? ReferenceInterpreter.axis(at, x.shape()[axis]) : index[d + q - 1];
            }
            out.data()[i] = x.at(source);
        }
        return out;
    }

    private static NdArray scatter(Node node, NdArray[] in) {
        NdArray out = new NdArray(in[0].type(), in[0].shape(), in[0].data().clone());
        int[] indexShape = in[1].shape();
        int depth = indexShape[indexShape.length - 1];
        int rows = NdArray.count(indexShape) / depth;
        int width = rows == 0 ? 0 : in[2].data().length / rows;
        boolean add = node.string("reduction", "none").equals("add");
        for (int r = 0; r < rows; r++) {
            int base = 0;
            for (int d = 0; d < depth; d++) {
                base = base * out.shape()[d]
                        + ReferenceInterpreter.axis((long) in[1].data()[r * depth + d], out.shape()[d]);
            }
            for (int i = 0; i < width; i++) {
                int to = base * width + i;
                out.data()[to] = in[2].data()[r * width + i] + (add ? out.data()[to] : 0);
            }
        }
        return out;
    }

    private static NdArray gatherElements(Node node, NdArray[] in) {
        int axis = ReferenceInterpreter.axis(node.integer("axis", 0), in[0].rank());
        NdArray out = NdArray.zeros(in[0].type(), in[1].shape());
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, out.shape());
            at[axis] = ReferenceInterpreter.axis((long) in[1].data()[i], in[0].shape()[axis]);
            out.data()[i] = in[0].at(at);
        }
        return out;
    }

    private static NdArray scatterElements(Node node, NdArray[] in) {
        int axis = ReferenceInterpreter.axis(node.integer("axis", 0), in[0].rank());
        NdArray out = new NdArray(in[0].type(), in[0].shape(), in[0].data().clone());
        boolean add = node.string("reduction", "none").equals("add");
        for (int i = 0; i < in[1].data().length; i++) {
            int[] at = NdArray.index(i, in[1].shape());
            at[axis] = ReferenceInterpreter.axis((long) in[1].data()[i], in[0].shape()[axis]);
            out.data()[out.flat(at)] = in[2].data()[i] + (add ? out.at(at) : 0);
        }
        return out;
    }

    private static NdArray gatherNd(Node node, NdArray[] in) {
        if (node.integer("batch_dims", 0) != 0) {
            throw new IllegalStateException("batch_dims are not needed here");
        }
        NdArray x = in[0];
        int[] indices = in[1].shape();
        int depth = indices[indices.length - 1];
        int[] shape = IntStream.concat(
                        Arrays.stream(indices, 0, indices.length - 1), Arrays.stream(x.shape(), depth, x.rank()))
                .toArray();
        NdArray out = NdArray.zeros(x.type(), shape);
        int width = NdArray.count(Arrays.copyOfRange(x.shape(), depth, x.rank()));
        for (int i = 0; i < out.data().length; i++) {
            int base = 0;
            for (int d = 0; d < depth; d++) {
                base = base * x.shape()[d]
                        + ReferenceInterpreter.axis((long) in[1].data()[i / width * depth + d], x.shape()[d]);
            }
            out.data()[i] = x.data()[base * width + i % width];
        }
        return out;
    }

    private static List<NdArray> topK(Node node, NdArray[] in) {
        NdArray x = in[0];
        int axis = ReferenceInterpreter.axis(node.integer("axis", -1), x.rank());
        boolean largest = node.integer("largest", 1) != 0;
        int[] shape = x.shape().clone();
        shape[axis] = (int) in[1].longs()[0];
        NdArray values = NdArray.zeros(x.type(), shape);
        NdArray indices = NdArray.zeros(ElementType.INT64, shape);
        for (int i = 0; i < values.data().length; i++) {
            int[] at = NdArray.index(i, shape);
            int rank = at[axis];
            double[] line = IntStream.range(0, x.shape()[axis])
                    .mapToDouble(j -> {
                        int[] other = at.clone();
                        other[axis] = j;
                        return x.at(other);
                    })
                    .toArray();
            int[] order = IntStream.range(0, line.length)
                    .boxed()
                    .sorted((a, b) -> largest ? Double.compare(line[b], line[a]) : Double.compare(line[a], line[b]))
                    .mapToInt(j -> j)
                    .toArray();
            values.data()[i] = line[order[rank]];
            indices.data()[i] = order[rank];
        }
        return List.of(values, indices);
    }

    private static NdArray trilu(Node node, NdArray[] in) {
        NdArray out = NdArray.zeros(in[0].type(), in[0].shape());
        long k = in.length > 1 && in[1] != null ? (long) in[1].data()[0] : 0;
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, out.shape());
            long diagonal = at[at.length - 1] - (long) at[at.length - 2];
            boolean kept = node.integer("upper", 1) != 0 ? diagonal >= k : diagonal <= k;
            out.data()[i] = kept ? in[0].data()[i] : 0;
        }
        return out;
    }

    private static NdArray cumSum(Node node, NdArray[] in) {
        NdArray x = in[0];
        int axis = ReferenceInterpreter.axis((long) in[1].data()[0], x.rank());
        NdArray out = NdArray.zeros(x.type(), x.shape());
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, x.shape());
            int own = at[axis];
            for (at[axis] = 0; at[axis] < x.shape()[axis]; at[axis]++) {
                boolean before = node.integer("reverse", 0) != 0 ? at[axis] > own : at[axis] < own;
                boolean itself = at[axis] == own && node.integer("exclusive", 0) == 0;
                out.data()[i] += before || itself ? x.at(at) : 0;
            }
        }
        return out;
    }
}
