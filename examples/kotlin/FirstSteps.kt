package org.finitentk.examples.kotlin.first

import java.nio.file.Path
import org.finitentk.backbone.OnnxBackbone
import org.finitentk.evaluation.PredictiveRegressionEvaluator
import org.finitentk.regression.FiniteNTKRegressionTrainer
import org.finitentk.table.TableDataSource
import org.tribuo.MutableDataset

/** A trained network, a table of another plant's pumps, a prediction with its uncertainty. */
fun main() {
    val pumps = Path.of("examples", "pumps")
    val columns = listOf("load", "temperature", "age") // in the order of the network's inputs
    fun table(name: String) = MutableDataset(TableDataSource.regression(pumps.resolve(name), columns, listOf("pressure")))

    val network = OnnxBackbone.builder(pumps.resolve("network.onnx")).features(columns).build()
    FiniteNTKRegressionTrainer(network).train(table("pumps.csv")).use { model ->
        val test = table("test.csv")
        val pump = model.predict(test.getExample(0)).output
        println("%.2f, variance %.4f".format(pump.values[0], pump.variances[0]))
        println("R2 %.2f".format(PredictiveRegressionEvaluator().evaluate(model, test).averageR2()))
    }
}
