package tui

import "flowlab/tcpwin"

// glyphs are what pictures are made of: one column each, but for the keys.
type glyphs struct {
	full, empty     string // a part of a buffer
	left, right     string // the ends of a buffer
	wire, data      string // a stretch of the wire without and with data
	eighths         [9]string
	line            [3]string // the window at the bottom, in the middle and at the top of a row
	rise            string    // the window in many rows at once
	axis, tick, end string    // below the chart, and its end on the left
	side            string    // left of the chart
	marks           [tcpwin.NumKinds]string
	times, more     string
	decrease        string // the keys
	increase        string
	chosen          string // before the line that Enter takes
}

var unicodeGlyphs = glyphs{
	full: "█", empty: "░", left: "▕", right: "▏",
	wire: "·", data: "▶",
	eighths: [9]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	line:    [3]string{"▁", "─", "▔"},
	rise:    "│",
	axis:    "─", tick: "┬", end: "└", side: "│",
	marks: [tcpwin.NumKinds]string{
		tcpwin.ZeroWindow: "▼", tcpwin.WindowProbe: "◆", tcpwin.WindowUpdate: "△", tcpwin.WindowOpened: "▲",
	},
	times: "×", more: "…",
	decrease: "←", increase: "→",
	chosen: "▶",
}

var asciiGlyphs = glyphs{
	full: "#", empty: ".", left: "[", right: "]",
	wire: ".", data: ">",
	eighths: [9]string{" ", ".", ".", ".", ":", ":", ":", "#", "#"},
	line:    [3]string{"_", "-", "~"},
	rise:    "|",
	axis:    "-", tick: "+", end: "+", side: "|",
	marks: [tcpwin.NumKinds]string{
		tcpwin.ZeroWindow: "v", tcpwin.WindowProbe: "?", tcpwin.WindowUpdate: "'", tcpwin.WindowOpened: "^",
	},
	times: "x", more: "~",
	decrease: "<-", increase: "->",
	chosen: ">",
}
