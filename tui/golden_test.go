// Golden screens: what a view draws, in every size, without colour, in ASCII, and in
// colour.

package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"

	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

var update = flag.Bool("update", false, "write what is drawn to testdata")

// testScreen is a screen on a terminal that is only simulated.
func testScreen(t testing.TB, width, height int) (*screen, tcell.SimulationScreen) {
	t.Helper()
	terminal := tcell.NewSimulationScreen("UTF-8")
	s, err := newScreen(terminal, "xterm-256color", settings.Default())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	terminal.SetSize(width, height)
	return s, terminal
}

// sizes are those that a view is drawn in besides very small ones.
var sizes = [][2]int{{80, 24}, {120, 40}, {200, 60}}

// goldenView holds a view to its golden files, in each size: as it is; the same without
// any colour; in ASCII, as NAME-SIZE-ascii; and its colours, as NAME-SIZE-colour. The
// picture is made anew for each screen.
func goldenView(t *testing.T, name string, picture func(*screen) func(*parts.Canvas)) {
	for _, size := range sizes {
		file := fmt.Sprintf("%s-%dx%d", name, size[0], size[1])
		t.Run(file, func(t *testing.T) {
			s, terminal := testScreen(t, size[0], size[1])
			s.draw(picture(s))
			golden(t, file, shownOn(terminal))
			golden(t, file+"-colour", coloursOn(terminal))

			s.use(&parts.Mono)
			s.draw(picture(s))
			golden(t, file, shownOn(terminal))
			if c := coloured(terminal); c != "" {
				t.Error("without colour: ", c)
			}

			s.glyphs = &parts.ASCII
			s.draw(picture(s))
			golden(t, file+"-ascii", shownOn(terminal))
			if c := strings.IndexFunc(shownOn(terminal), func(r rune) bool { return r > '~' }); c >= 0 {
				t.Errorf("in ASCII: %q is drawn", shownOn(terminal)[c:c+4])
			}
		})
	}
}

// shownOn returns a terminal's rows, without the blanks at their ends.
func shownOn(terminal tcell.SimulationScreen) string {
	cells, width, height := terminal.GetContents()
	var b strings.Builder
	for y := range height {
		var row strings.Builder
		for _, c := range cells[y*width : (y+1)*width] {
			row.WriteString(string(c.Runes))
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}

// coloursOn tells for each row, from 1, what is not drawn in the terminal's own way: how,
// and the text.
func coloursOn(terminal tcell.SimulationScreen) string {
	cells, width, height := terminal.GetContents()
	var b strings.Builder
	for y := range height {
		row := cells[y*width : (y+1)*width]
		looks := looksOf(row)
		said := false
		for from := 0; from < width; {
			to := from + 1
			for to < width && looks[to] == looks[from] {
				to++
			}
			if looks[from] != "" {
				var text strings.Builder
				for _, c := range row[from:to] {
					text.WriteString(string(c.Runes))
				}
				if !said {
					fmt.Fprintf(&b, "%2d", y+1)
					said = true
				}
				fmt.Fprintf(&b, "  %s %q", looks[from], text.String())
			}
			from = to
		}
		if said {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// looksOf says the styles of a row's cells in words. A blank on which nothing of its style
// is to be seen looks like its neighbours, where both look alike.
func looksOf(row []tcell.SimCell) []string {
	looks := make([]string, len(row))
	before := ""
	for i := 0; i < len(row); i++ {
		if !unseen(row[i]) {
			looks[i] = lookOf(row[i].Style)
			before = looks[i]
			continue
		}
		end := i
		for end < len(row) && unseen(row[end]) {
			end++
		}
		if end < len(row) && lookOf(row[end].Style) == before {
			for k := i; k < end; k++ {
				looks[k] = before
			}
		}
		i = end - 1
	}
	return looks
}

// unseen tells whether a cell is blank, and its style does not show.
func unseen(c tcell.SimCell) bool {
	_, back, attributes := c.Style.Decompose()
	blank := len(c.Runes) == 0 || len(c.Runes) == 1 && c.Runes[0] == ' '
	return blank && back == tcell.ColorDefault && attributes&(tcell.AttrReverse|tcell.AttrUnderline) == 0
}

// lookOf says a style in words; empty for the terminal's own.
func lookOf(style tcell.Style) string {
	fore, back, attributes := style.Decompose()
	var words []string
	for _, a := range []struct {
		mask tcell.AttrMask
		name string
	}{{tcell.AttrBold, "bold"}, {tcell.AttrDim, "dim"}, {tcell.AttrReverse, "reverse"}, {tcell.AttrUnderline, "underline"}} {
		if attributes&a.mask != 0 {
			words = append(words, a.name)
		}
	}
	if fore != tcell.ColorDefault {
		words = append(words, fore.Name())
	}
	if back != tcell.ColorDefault {
		words = append(words, "on-"+back.Name())
	}
	return strings.Join(words, "-")
}

// coloured names a cell that has a colour, if there is one.
func coloured(terminal tcell.SimulationScreen) string {
	cells, width, _ := terminal.GetContents()
	for i, c := range cells {
		if fore, back, _ := c.Style.Decompose(); fore != tcell.ColorDefault || back != tcell.ColorDefault {
			return fmt.Sprintf("column %d of row %d, %q, has a colour", i%width, i/width, c.Runes)
		}
	}
	return ""
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); -update accepts it:\n%s", file, diff)
	}
}
