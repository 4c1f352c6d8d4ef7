package diagnose

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each rule that a finding is given in this package's source is one that a scenario
// can name.
func TestFindingRulesAreAll(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	known, given := FindingRules(), 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, isName := pair.Key.(*ast.Ident)
			text, isText := pair.Value.(*ast.BasicLit)
			if !isName || key.Name != "Rule" || !isText {
				return true
			}
			given++
			if rule, _ := strconv.Unquote(text.Value); !slices.Contains(known, rule) {
				t.Errorf("%s: the rule %s is not among FindingRules", f.Name(), rule)
			}
			return true
		})
	}
	if given < 20 {
		t.Errorf("%d rules were found in the source, want 20 at least", given)
	}
}
