package org.finitentk.examples.kotlin

import java.nio.file.Path
import kotlin.math.cos
import kotlin.math.sin
import kotlin.random.Random
import org.finitentk.backbone.OnnxBackbone
import org.finitentk.classification.ClassProbabilities
import org.finitentk.classification.ClassStructure
import org.finitentk.classification.ClassificationSettings
import org.finitentk.classification.FiniteNTKClassificationTrainer
import org.finitentk.classification.Inference
import org.finitentk.classification.PriorLogits
import org.finitentk.evaluation.ProbabilisticLabelEvaluator
import org.finitentk.finetune.Activation
import org.finitentk.finetune.NetworkBuilder
import org.finitentk.onnx.ModelWriter
import org.tribuo.MutableDataset
import org.tribuo.classification.Label
import org.tribuo.classification.LabelFactory
import org.tribuo.datasource.ListDataSource
import org.tribuo.impl.ArrayExample
import org.tribuo.provenance.SimpleDataSourceProvenance

/** Classifies labels that the network has no outputs for, with probabilities that know what they do not know. */
fun classify(folder: Path) {
    val network = folder.resolve("classifier.onnx")
    ModelWriter.write(NetworkBuilder.mlp(2, listOf(30, 30), 2, Activation.TANH, 1), network)
    val settings = ClassificationSettings.DEFAULT.with(Inference.LAPLACE).withProbabilities(ClassProbabilities.PROBIT, 1)
        .withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO)
    FiniteNTKClassificationTrainer(OnnxBackbone.builder(network).features(listOf("x", "y")).build(), settings).train(rings(60, 1)).use { model ->
        val test = rings(300, 2)
        println(ProbabilisticLabelEvaluator().evaluate(model, test))
        val scores = model.predict(test.getExample(0)).outputScores.mapValues { it.value.score }
        println("first prediction: $scores, prior variance ${model.posterior().priorVariance()}")
    }
}

/** Three rings around the origin. */
private fun rings(n: Int, seed: Int): MutableDataset<Label> {
    val random = Random(seed)
    val factory = LabelFactory()
    val examples = List(n) {
        val radius = it % 3 + 0.3 + 0.4 * random.nextDouble()
        val angle = random.nextDouble(2 * Math.PI)
        ArrayExample(Label(listOf("inner", "middle", "outer")[it % 3]), arrayOf("x", "y"), doubleArrayOf(radius * cos(angle), radius * sin(angle)))
    }
    return MutableDataset(ListDataSource(examples, factory, SimpleDataSourceProvenance("three rings", factory)))
}
