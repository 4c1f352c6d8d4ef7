package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"flowlab/capture/privilege"
	"flowlab/diagnose"
	"flowlab/diagnose/export"
	"flowlab/diagnose/mask"
	"flowlab/diagnose/survey"
	"flowlab/diagnose/watch"
	"flowlab/report"
	"flowlab/tui"
)

// granted is what a watch may still do once it looks at packets: on screen a connection
// can be saved in the current folder.
func (w *watching) granted() privilege.Grant {
	if w.onScreen() {
		return privilege.Grant{Make: []string{"."}}
	}
	return privilege.Grant{}
}

// show shows what happens on screen, and writes what was seen once its user has left it.
func (w *watching) show(ctx context.Context, run *watch.Watch, digest *report.Digest, args []string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	run.Memory = export.NewMemory(export.UsualMemory)
	out := watchExport{board: run.Board, memory: run.Memory, over: done}
	masked := w.mask || w.settings.Mask
	what := tui.Subject{
		Source: run.Board, Title: strings.Join(append([]string{"watching", w.iface}, args...), " "), Plain: "watching " + w.iface,
		Mask: mask.New(), Masked: masked, Export: out.write,
	}
	run.Ended = func(_ *survey.Source, v *diagnose.View) {
		out.ended(v)
		if masked {
			v = what.Mask.View(v)
		}
		digest.Add(v)
	}
	var src survey.Source
	var failure error
	go func() {
		defer close(done)
		src, failure = run.Run(ctx)
	}()
	left, err := tui.Watch(ctx, what, done, w.settings)
	stop()
	<-done
	if left && !masked {
		fmt.Println("no report: it would have the addresses that were masked; with --mask it has stand-ins")
	} else if writing := report.Analysis(os.Stdout, &src, digest, w.minStall, report.Style{Color: colored()}); err == nil {
		err = writing
	}
	if err == nil {
		err = ended(failure)
	}
	return err
}
