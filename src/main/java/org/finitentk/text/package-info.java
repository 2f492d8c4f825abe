/** Text for networks that take token ids: Tribuo's word pieces as features, and features as a network's inputs. */
@NullMarked
package org.finitentk.text;

import org.jspecify.annotations.NullMarked;
