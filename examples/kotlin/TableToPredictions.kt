package org.finitentk.examples.kotlin.tables

import java.nio.file.Path
import org.finitentk.backbone.OnnxBackbone
import org.finitentk.evaluation.PredictiveRegressionEvaluator
import org.finitentk.regression.FiniteNTKRegressionTrainer
import org.finitentk.table.TableDataSource
import org.tribuo.Model
import org.tribuo.MutableDataset
import org.tribuo.regression.Regressor

/** What the commands `train`, `predict` and `evaluate` do, in Kotlin. */
fun main(args: Array<String>) {
    val stored = Path.of(args.firstOrNull() ?: "pumps.tribuo")
    val pumps = Path.of("examples", "pumps")
    val features = listOf("load", "temperature", "age") // in the order of the network's inputs
    val table = { name: String -> MutableDataset(TableDataSource.regression(pumps.resolve(name), features, listOf("pressure"))) }

    val network = OnnxBackbone.builder(pumps.resolve("network.onnx")).features(features).build()
    FiniteNTKRegressionTrainer(network).train(table("pumps.csv")).use { it.serializeToFile(stored) }

    val model = Model.deserializeFromFile(stored).castModel(Regressor::class.java)
    model.predict(table("test.csv")).forEach { println(it.output) }
    println(PredictiveRegressionEvaluator().evaluate(model, table("test.csv")))
}
