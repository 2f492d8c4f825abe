/**
 * Tables of rows and named columns as training data of Tribuo: {@link org.finitentk.table.TableDataSource}, and what
 * its columns become.
 */
@NullMarked
package org.finitentk.table;

import org.jspecify.annotations.NullMarked;
