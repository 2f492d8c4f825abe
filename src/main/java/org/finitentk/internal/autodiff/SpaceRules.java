package org.finitentk.internal.autodiff;

import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;

/** Operators that rearrange, repeat or resample along axes. */
final class SpaceRules {
    private SpaceRules() {}

    static void register(RuleTable r) {
        r.lower("Tile", SpaceRules::tile);
        r.lower("DepthToSpace", n -> {
            Algebra a = n.algebra();
            Shape x = n.in(0).shape();
            long b = n.node().integer("blocksize", 1);
            boolean depthFirst = n.node().string("mode", "DCR").equals("DCR");
            Shape depth = x.slice(1, 2).quotient(0, Shape.of(b * b), 0);
            Shape split = x.slice(0, 1)
                    .concat(depthFirst ? Shape.of(b, b).concat(depth) : depth.append(b, b))
                    .concat(x.slice(2, 4));
            Value moved = a.transpose(
                    a.reshape(n.in(0), split),
                    depthFirst ? new int[] {0, 3, 4, 1, 5, 2} : new int[] {0, 1, 4, 2, 5, 3});
            n.result(a.reshape(
                    moved,
                    x.slice(0, 1)
                            .concat(depth)
                            .concat(moved.shape().product(2, 4))
                            .concat(moved.shape().product(4, 6))));
        });
        r.lower("SpaceToDepth", n -> {
            Algebra a = n.algebra();
            Shape x = n.in(0).shape();
            Shape block = Shape.of(n.node().integer("blocksize", 1));
            Shape split = x.slice(0, 2)
                    .concat(x.slice(2, 3).quotient(0, block, 0))
                    .concat(block)
                    .concat(x.slice(3, 4).quotient(0, block, 0))
                    .concat(block);
            Value moved = a.transpose(a.reshape(n.in(0), split), 0, 3, 5, 1, 2, 4);
            n.result(a.reshape(
                    moved,
                    x.slice(0, 1)
                            .concat(moved.shape().product(1, 4))
                            .concat(moved.shape().slice(4, 6))));
        });
        r.jvp("Resize", n -> {
            requirePlainResize(n.node());
            n.same();
        });
        r.transpose("Resize", SpaceRules::transposeResize);
    }

    /** Refuses what is no product with {@link ResizeWeights}. */
    static void requirePlainResize(Node node) {
        boolean crops =
                node.string("coordinate_transformation_mode", "half_pixel").equals("tf_crop_and_resize");
        if (crops || node.integer("antialias", 0) != 0) {
            throw new InvalidModelException(node.describe() + (crops ? " crops" : " has antialias 1")
                    + ", through which no tangent can flow and which ONNX Runtime computes in "
                    + "float32 only; expected a plain resizing in mode 'nearest', 'linear' or 'cubic'");
        }
    }

    /** A new axis before each repeated one, expanded: its transpose is a sum over that axis. */
    private static void tile(Rewrite n) {
        Algebra a = n.algebra();
        Shape x = n.in(0).shape();
        // never run, for it is not needed; its shape is
        Shape out = a.op("Tile", n.in(0), n.in(1)).shape();
        Shape split = Shape.of();
        Shape repeated = Shape.of();
        for (int i = 0; i < x.rank(); i++) {
            Shape own = x.slice(i, i + 1);
            if (x.dim(i) == 1) {
                split = split.append(1);
                repeated = repeated.concat(out.slice(i, i + 1));
            } else if (out.sameDim(i, x, i)) {
                split = split.concat(own);
                repeated = repeated.concat(own);
            } else if (out.multipleOf(i, x, i) < 0) {
                throw n.refused("repeats axis " + i + " of " + x
                        + " as often as the batch is large; expected a fixed number of times");
            } else {
                split = split.append(1).concat(own);
                repeated = repeated.append(out.multipleOf(i, x, i)).concat(own);
            }
        }
        n.result(a.reshape(a.expand(a.reshape(n.in(0), split), repeated), out));
    }

    /**
     * Axis by axis: a sum over equal repetitions where that is what the resizing does, else a product with the
     * transposed matrix of weights.
     */
    private static void transposeResize(Transposition n) {
        Algebra a = n.algebra();
        Shape x = n.in(0).shape();
        Value ct = n.cotangent();
        for (int axis = 0; axis < x.rank(); axis++) {
            ResizeWeights weights = ResizeWeights.of(
                    n.node(), x, n.cotangent().shape(), n.node().hasInput(2) ? n.in(2) : null, axis);
            if (weights == null) {
                continue;
            }
            Shape before = ct.shape().slice(0, axis);
            Shape after = ct.shape().slice(axis + 1, ct.rank());
            long repetitions = weights.repetitions();
            if (repetitions > 0) {
                Value split = a.reshape(
                        ct, before.append(weights.inputs(), repetitions).concat(after));
                ct = a.sum(split, false, axis + 1);
            } else {
                Value rows = a.reshape(ct, before.append(weights.outputs()).concat(after.product(0, after.rank())));
                ct = a.reshape(
                        a.matmul(weights.transposed(a, ct.type()), rows),
                        before.append(weights.inputs()).concat(after));
            }
        }
        n.contribute(0, ct);
    }
}
