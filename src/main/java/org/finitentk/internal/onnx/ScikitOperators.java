package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Operators of the domain ai.onnx.ml that scikit-learn's exporter writes before and behind a network. */
final class ScikitOperators {
    private static final String DOMAIN = "ai.onnx.ml";

    private ScikitOperators() {}

    static void register(CompoundTable t) {
        t.put(DOMAIN, "ZipMap", n -> n.result(0, n.in(0)));
        t.put(DOMAIN, "Scaler", n -> {
            String x = n.cast(n.in(0), ElementType.FLOAT);
            String offset = n.attribute("offset", features(n, x, "offset", 0));
            String scale = n.attribute("scale", features(n, x, "scale", 1));
            n.result(0, n.op("Mul", n.op("Sub", x, offset), scale));
        });
        t.put(DOMAIN, "Normalizer", ScikitOperators::normalizer);
        t.put(DOMAIN, "Imputer", ScikitOperators::imputer);
        t.put(DOMAIN, "Binarizer", n -> {
            String x = n.in(0);
            String above = n.op("Greater", x, n.number(x, n.node().real("threshold", 0)));
            n.result(0, n.op("Cast", new Attributes().integer("to", n.type(x).code()), above));
        });
        t.put(DOMAIN, "OneHotEncoder", ScikitOperators::oneHotEncoder);
        t.put(DOMAIN, "ArrayFeatureExtractor", n -> {
            String chosen =
                    n.formula().op("Gather", new Attributes().integer("axis", -1), n.in(0), n.reshaped(n.in(1), -1));
            n.result(0, n.value(n.in(0)).rank() == 1 ? n.op("Unsqueeze", chosen, n.longs(0)) : chosen);
        });
        t.put(DOMAIN, "FeatureVectorizer", n -> {
            long[] widths = n.node().integers("inputdimensions");
            List<String> columns = new ArrayList<>();
            for (int i = 0; i < n.node().inputs().size(); i++) {
                String x = n.cast(n.in(i), ElementType.FLOAT);
                int rank = n.value(x).rank();
                String row = rank == 2 ? x : n.reshaped(x, rank < 2 ? 1 : 0, -1);
                columns.add(widths == null || i >= widths.length ? row : ofWidth(n, row, widths[i]));
            }
            n.result(0, n.concat(1, columns.toArray(String[]::new)));
        });
        t.put(DOMAIN, "LinearRegressor", n -> {
            long targets = n.node().integer("targets", 1);
            String y = linear(n, targets);
            boolean plain =
                    targets == 1 && n.node().string("post_transform", "NONE").equals("LOGISTIC");
            // of a single target, ONNX Runtime takes no logistic function
            n.result(0, plain ? y : transformed(n, y));
        });
        t.put(DOMAIN, "LinearClassifier", ScikitOperators::linearClassifier);
    }

    /** So many columns: the first, or all and zeros. */
    private static String ofWidth(Rewritten n, String x, long width) {
        long columns = n.size(x, 1);
        if (columns > width) {
            return n.sliced(x, 0, width, 1, 1);
        }
        return columns == width ? x : n.op("Pad", x, n.longs(0, width - columns), n.number(x, 0), n.longs(1));
    }

    /** One number for each column; one number is for all. */
    private static Tensor features(Rewritten n, String x, String key, float otherwise) {
        float[] given = n.node().reals(key);
        float[] values = given == null || given.length == 0 ? new float[] {otherwise} : given;
        Value known = n.value(x);
        long columns = known.rank() == 0 ? -1 : known.shape().dim(known.rank() - 1);
        if (values.length != 1 && columns >= 0 && columns != values.length) {
            throw n.refused(
                    "attribute " + key + " has " + values.length + " numbers for a shape " + known.shape(),
                    "one for each column, or one");
        }
        return Tensor.ofFloats(values, values.length);
    }

    private static void normalizer(Rewritten n) {
        String x = n.cast(n.in(0), ElementType.FLOAT);
        String norm = n.node().string("norm", "MAX");
        if (n.value(x).rank() > 2) {
            throw n.refused("input 0 has shape " + n.value(x).shape(), "one row an example");
        }
        switch (norm) {
            case "L1", "L2" ->
                n.result(
                        0,
                        n.op(
                                "LpNormalization",
                                new Attributes().integer("axis", -1).integer("p", norm.equals("L1") ? 1 : 2),
                                x));
            case "MAX" -> n.result(0, n.op("Div", x, n.op("ReduceMax", x, n.longs(-1))));
            default -> throw n.refused("attribute norm is '" + norm + "'", "MAX, L1 or L2");
        }
    }

    /** What takes the place of numbers that are missing: of NaN, or of the number that stands for them. */
    private static void imputer(Rewritten n) {
        String x = n.in(0);
        if (!n.node().has("imputed_value_floats")) {
            throw n.refused("attribute imputed_value_floats is missing", "it: integers are not imputed");
        }
        String instead = n.attribute("imputed_value_floats", features(n, x, "imputed_value_floats", 0));
        float missing = n.node().real("replaced_value_float", 0);
        String absent = Float.isNaN(missing) ? n.op("IsNaN", x) : n.op("Equal", x, n.number(x, missing));
        n.result(0, n.op("Where", absent, n.cast(instead, n.type(x)), x));
    }

    private static void oneHotEncoder(Rewritten n) {
        long[] categories = n.node().integers("cats_int64s");
        if (categories == null || categories.length == 0) {
            throw n.refused("its categories are texts", "integers, attribute cats_int64s");
        }
        String x = n.op("Unsqueeze", n.cast(n.in(0), ElementType.INT64), n.longs(-1));
        String equal = n.op("Equal", x, n.longs(categories));
        n.result(0, n.op("Cast", new Attributes().integer("to", ElementType.FLOAT.code()), equal));
    }

    /** x Wᵀ + b, whose weights are attributes of the node. */
    private static String linear(Rewritten n, long rows) {
        float[] coefficients = n.node().reals("coefficients");
        float[] intercepts = n.node().reals("intercepts");
        if (coefficients == null || rows < 1 || coefficients.length % rows != 0) {
            throw n.refused(
                    (coefficients == null ? 0 : coefficients.length) + " coefficients for " + rows + " outputs",
                    "as many for each");
        }
        if (intercepts != null && intercepts.length > 0 && intercepts.length != rows) {
            throw n.refused(intercepts.length + " intercepts for " + rows + " outputs", "one for each");
        }
        String x = n.cast(n.in(0), ElementType.FLOAT);
        String rowsOfX = n.value(x).rank() == 1 ? n.op("Unsqueeze", x, n.longs(0)) : x;
        String weight = n.attribute("coefficients", Tensor.ofFloats(coefficients, rows, coefficients.length / rows));
        Attributes transposed = new Attributes().integer("transB", 1);
        return intercepts == null || intercepts.length == 0
                ? n.op("Gemm", transposed, rowsOfX, weight)
                : n.op(
                        "Gemm",
                        transposed,
                        rowsOfX,
                        weight,
                        n.attribute("intercepts", Tensor.ofFloats(intercepts, rows)));
    }

    private static String transformed(Rewritten n, String scores) {
        String form = n.node().string("post_transform", "NONE");
        return switch (form) {
            case "NONE" -> scores;
            case "LOGISTIC" -> n.op("Sigmoid", scores);
            case "SOFTMAX" -> n.op("Softmax", new Attributes().integer("axis", -1), scores);
            default -> throw n.refused("attribute post_transform is '" + form + "'", "NONE, LOGISTIC or SOFTMAX");
        };
    }

    /** The scores; of a single one there are two, for both classes. */
    private static void linearClassifier(Rewritten n) {
        float[] intercepts = n.node().reals("intercepts");
        long[] numbers = n.node().integers("classlabels_ints");
        int labels = numbers != null && numbers.length > 0
                ? numbers.length
                : n.node().strings("classlabels_strings").size();
        long rows = intercepts != null && intercepts.length > 0 ? intercepts.length : Math.max(1, labels);
        String scores = linear(n, rows);
        boolean both = rows == 1 && labels == 2;
        String made =
                both && n.node().string("post_transform", "NONE").equals("SOFTMAX") ? scores : transformed(n, scores);
        n.result(1, both ? n.concat(1, n.op("Sub", n.number(made, 1), made), made) : made);
        n.leaveOut(0, "its output of labels is not read; choose its scores");
    }
}
