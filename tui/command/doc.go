// Package command reads what is typed after ":" on a screen, and says what may stand there.
//
// All commands are in one table, with the screens that know them. [Parse] makes of a line
// a value of a type of its own, such as [Sort], or says what is wrong and what would be
// right: a [scenarios.Mistake]. A command may be cut short as long as it is told from the
// others: ":q". [Complete] says what may stand at the end of a line, and [CompleteFilter]
// the same of a filter.
package command
