package floors

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// house is where each package of flowlab stands. A room is a folder with its
// sub-folders, except those that are rooms of their own.
var house = plan{
	module: "flowlab",
	rooms: map[string]room{
		"flow": {floor: 0, pure: true},

		"tcpwin":       {floor: 1, pure: true},
		"h2flow":       {floor: 1, pure: true},
		"tlsrec":       {floor: 1, pure: true},
		"backpressure": {floor: 1, pure: true},
		"capture":      {floor: 1},
		"sockets":      {floor: 1},

		"tcpwin/endpoint": {floor: 2},
		"h2flow/peer":     {floor: 2},
		"diagnose":        {floor: 2},
		"lab":             {floor: 2},

		"peers":       {floor: 3},
		"scenarios":   {floor: 4},
		"doctor":      {floor: 4},
		"report":      {floor: 5},
		"tui":         {floor: 5},
		"cmd/flowlab": {floor: 6},

		"bench":           {testOnly: true},
		"peers/nstest":    {testOnly: true},
		"peers/storytest": {testOnly: true},
		"internal/need":   {testOnly: true},
		"internal/floors": {testOnly: true},
	},
	allowed: map[arrow]bool{
		// Decoding fills the ledger's own input type, so that no packet is
		// copied from one form into another.
		{"capture", "tcpwin"}: true,
		// Tests of stories are told what a story is.
		{"peers/storytest", "peers"}: true,
	},
	onlyIn: map[string]string{
		"github.com/google/gopacket": "capture",
		"github.com/twmb/franz-go":   "peers/kafka",
		"github.com/rabbitmq":        "peers/rabbitmq",
		"github.com/Azure/go-amqp":   "peers/rabbitmq",
		"gvisor.dev":                 "lab/netstack",
		"github.com/vishvananda":     "lab/kernel",
		"github.com/gdamore/tcell":   "tui",
		"google.golang.org/grpc":     "peers/grpcgo",
		"github.com/prometheus":      "report/metrics",
	},
}

func TestFloors(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, wrong := range house.check(p) {
			t.Error(wrong)
		}
	}
}

// listPackages reads all packages of the module: those of their files that are
// not tests, for every operating system.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles", house.module+"/...")
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []pkg
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var l struct {
			ImportPath, Dir                   string
			GoFiles, CgoFiles, IgnoredGoFiles []string
		}
		if err := in.Decode(&l); err == io.EOF {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		p := pkg{path: l.ImportPath}
		for _, name := range slices.Concat(l.GoFiles, l.CgoFiles, l.IgnoredGoFiles) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(l.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			p.add(name, file)
		}
		packages = append(packages, p)
	}
}

// add notes what a file imports, and where it asks for the time.
func (p *pkg) add(name string, file *ast.File) {
	timeIs := ""
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if !slices.Contains(p.imports, path) {
			p.imports = append(p.imports, path)
		}
		if path == "time" {
			timeIs = "time"
			if spec.Name != nil {
				timeIs = spec.Name.Name
			}
		}
	}
	if timeIs == "." {
		p.clock = append(p.clock, name+`: import . "time"`)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == timeIs && slices.Contains(clockNames, s.Sel.Name) {
				p.clock = append(p.clock, name+": time."+s.Sel.Name)
			}
		}
		return true
	})
}

// clockNames are what package time offers to know the time or to let it pass.
var clockNames = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
