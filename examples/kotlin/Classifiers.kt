package org.finitentk.examples.kotlin.classifiers

import java.nio.file.Path
import org.finitentk.backbone.OnnxBackbone
import org.finitentk.classification.FiniteNTKClassificationTrainer
import org.finitentk.evaluation.ProbabilisticLabelEvaluator
import org.finitentk.table.TableDataSource
import org.tribuo.MutableDataset

private val pumps = Path.of("examples", "pumps")
private val columns = listOf("load", "temperature", "age")

private fun table(name: String, target: String) =
    MutableDataset(TableDataSource.classification(pumps.resolve(name), columns, target))

private fun adapt(network: OnnxBackbone, target: String) =
    FiniteNTKClassificationTrainer(network).train(table("pumps.csv", target)).use { model ->
        val test = table("test.csv", target)
        val scores = ProbabilisticLabelEvaluator().evaluate(model, test)
        println("%s: accuracy %.2f, NLL %.2f".format(target, scores.accuracy(), scores.nll()))
        model.predict(test.getExample(0)).outputScores.forEach { (label, score) -> println("  %s %.2f".format(label, score.score)) }
    }

/** Two classifiers that PyTorch exported, adapted to another plant: three labels, and one output that is the log odds of an alarm. */
fun main() {
    // This file says in its metadata which column each input is and which label each output is.
    adapt(OnnxBackbone.builder(pumps.resolve("state.onnx")).build(), "state")
    // This one says nothing: columns are given, and "yes" is evidently the label whose log odds the output is.
    adapt(OnnxBackbone.builder(pumps.resolve("alarm.onnx")).features(columns).build(), "alarm")
}
