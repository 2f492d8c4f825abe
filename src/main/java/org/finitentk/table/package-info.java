/**
 * Tables of rows and named columns, from files and from pipes: as training data of Tribuo
 * ({@link org.finitentk.table.TableDataSource}), as what a model is trained on, predicts and is tested on.
 */
@NullMarked
package org.finitentk.table;

import org.jspecify.annotations.NullMarked;
