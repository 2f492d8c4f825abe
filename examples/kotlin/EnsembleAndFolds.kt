package org.finitentk.examples.kotlin.ensemble

import java.nio.file.Path
import org.finitentk.backbone.OnnxBackbone
import org.finitentk.evaluation.PredictiveRegressionEvaluator
import org.finitentk.regression.FiniteNTKRegressionTrainer
import org.finitentk.regression.MixtureCombiner
import org.finitentk.table.TableDataSource
import org.tribuo.MutableDataset
import org.tribuo.ensemble.BaggingTrainer
import org.tribuo.evaluation.CrossValidation

private val pumps = Path.of("examples", "pumps")
private val columns = listOf("load", "temperature", "age")

private fun table(name: String) = MutableDataset(TableDataSource.regression(pumps.resolve(name), columns, listOf("pressure")))

/** The trainer inside Tribuo's own tools: cross-validation, and an ensemble over bootstrap samples. */
fun main() {
    val trainer = FiniteNTKRegressionTrainer(OnnxBackbone.builder(pumps.resolve("network.onnx")).features(columns).build())

    val folds = CrossValidation(trainer, table("pumps.csv"), PredictiveRegressionEvaluator(), 5, 1L).evaluate()
    println("five folds: NLPD %.2f".format(folds.map { it.a.averageNLPD() }.average()))

    // The combiner keeps the members' variances; Tribuo's own replaces them by the spread of the members.
    val bagging = BaggingTrainer(trainer, MixtureCombiner(), 5, 1L)
    val scores = PredictiveRegressionEvaluator().evaluate(bagging.train(table("pumps.csv")), table("test.csv"))
    println("five members: NLPD %.2f".format(scores.averageNLPD()))
}
