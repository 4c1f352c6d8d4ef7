// Package settings reads how somebody wants the screens: the theme, what plots are made
// of, the mouse, masked addresses, and the keys.
//
// It is a YAML file; [Path] says where. Without one, or for what it does not say,
// [Default] holds. A wrong one is refused, with line and column, before a screen is
// taken: a [scenarios.FileError], as of a scenario.
//
// Keys have names, as the screens give them: a character stands for itself, others are
// called left, pgup, f1, ctrl-c, shift-left; see [ParseKey]. The screens know each
// action by its first usual key, and ask [Keys.Meaning] what somebody means by another.
// The table of actions is also what the help on screen and [Template] are made from.
package settings
