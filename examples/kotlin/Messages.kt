package org.finitentk.examples.kotlin.messages

import java.nio.file.Path
import org.finitentk.backbone.OnnxBackbone
import org.finitentk.classification.ClassStructure
import org.finitentk.classification.ClassificationSettings
import org.finitentk.classification.FiniteNTKClassificationTrainer
import org.finitentk.classification.PriorLogits
import org.finitentk.evaluation.ProbabilisticLabelEvaluator
import org.finitentk.onnx.Pooling
import org.finitentk.text.TokenTransformer
import org.finitentk.text.WordpiecePipeline
import org.tribuo.MutableDataset
import org.tribuo.classification.Label
import org.tribuo.classification.LabelFactory
import org.tribuo.data.columnar.RowProcessor
import org.tribuo.data.columnar.processors.field.TextFieldProcessor
import org.tribuo.data.columnar.processors.response.FieldResponseProcessor
import org.tribuo.data.csv.CSVDataSource

private val folder = Path.of("examples", "messages")
private val tokenizer = folder.resolve("tokenizer.json")

private fun table(name: String): MutableDataset<Label> {
    val rows = RowProcessor.Builder<Label>()
        .setFieldProcessors(listOf(TextFieldProcessor("message", WordpiecePipeline(tokenizer))))
        .build(FieldResponseProcessor("today", "", LabelFactory()))
    return MutableDataset(CSVDataSource(folder.resolve(name), rows, true))
}

/** A sentence encoder that has read service messages, adapted to a question about them. */
fun main() {
    val encoder = OnnxBackbone.builder(folder.resolve("encoder.onnx"))
        .inputTransformer(TokenTransformer(tokenizer, 20))
        .pooling(Pooling.MASKED_MEAN, "")
        .build()
    // The encoder has no outputs of these labels: each label has weights of its own.
    val settings = ClassificationSettings.DEFAULT.withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.ZERO)
    FiniteNTKClassificationTrainer(encoder, settings).train(table("messages.csv")).use { model ->
        val scores = ProbabilisticLabelEvaluator().evaluate(model, table("test.csv"))
        println("accuracy %.2f, NLL %.2f".format(scores.accuracy(), scores.nll()))
    }
}
