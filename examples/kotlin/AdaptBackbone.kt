package org.finitentk.examples.kotlin

import java.nio.file.Files
import java.nio.file.Path
import org.finitentk.backbone.OnnxBackbone
import org.finitentk.evaluation.PredictiveRegressionEvaluator
import org.finitentk.experiment.SinusoidDataSource
import org.finitentk.finetune.Activation
import org.finitentk.finetune.Adam
import org.finitentk.finetune.FineTuningRegressionTrainer
import org.finitentk.finetune.NetworkBuilder
import org.finitentk.network.ProgressListener
import org.finitentk.onnx.ModelWriter
import org.finitentk.regression.FiniteNTKRegressionTrainer
import org.finitentk.regression.MeanFunction
import org.finitentk.regression.RegressionSettings
import org.tribuo.MutableDataset
import org.tribuo.regression.Regressor
import org.tribuo.regression.evaluation.RegressionEvaluator

/** Adapts a trained network to a new regression task without fine-tuning it. */
fun main(args: Array<String>) {
    val folder = if (args.isNotEmpty()) Path.of(args[0]) else Files.createTempDirectory("adapt-backbone")
    val network = folder.resolve("source.onnx")
    trainSource(network)

    // A new task, of which we know fifteen points.
    val curve = SinusoidDataSource.Curve(2.0, 1.2, 0.5)
    val training = MutableDataset(SinusoidDataSource(curve, 0.05, -5.0, 5.0, 15, 1))
    val test = MutableDataset(SinusoidDataSource(curve, 0.05, -5.0, 5.0, 100, 2))

    val trainer = FiniteNTKRegressionTrainer(OnnxBackbone(network), RegressionSettings.DEFAULT.withMean(MeanFunction.CONSTANT))
    trainer.setProgressListener(ProgressListener { stage, done, total -> println("$stage: $done of $total") })
    trainer.train(training).use { model ->
        val output = model.predict(test.getExample(0)).output
        println("first prediction: ${output.values[0]} with variance ${output.variances[0]}")
        println(RegressionEvaluator().evaluate(model, test))
        println(PredictiveRegressionEvaluator().evaluate(model, test))
        println("prior variance ${model.posterior().priorVariance(0)}, noise variance ${model.posterior().noiseVariance(0)}")
        println(model.provenance)
    }
}

/** In your project this is a file that you have. */
private fun trainSource(file: Path) {
    ModelWriter.write(NetworkBuilder.mlp(1, listOf(40, 40), 1, Activation.TANH, 1), file)
    val data = MutableDataset(SinusoidDataSource(SinusoidDataSource.Curve(1.0, 1.0, 0.0), 0.01, -5.0, 5.0, 200, 3))
    FineTuningRegressionTrainer(OnnxBackbone(file), Adam(1e-2), 100, 20).train(data).use {
        ModelWriter.write(it.network(), file)
    }
}
