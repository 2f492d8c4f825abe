package org.finitentk.internal.tabular;

import java.nio.file.Path;
import org.finitentk.onnx.Pooling;

/**
 * What a person says of a table's texts.
 *
 * @param tokenizer what splits them: a {@code tokenizer.json} of word pieces, or a vocabulary with a piece in each line
 * @param length tokens of a row with those that the network wants at its ends; 0 for as many as it takes or the table's
 *     longest row has
 * @param pooling how the network's output at the tokens becomes a row's
 */
public record TextChoice(Path tokenizer, int length, Pooling pooling) {}
