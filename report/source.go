package report

import (
	"time"

	"flowlab/capture"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/scenarios/play"
)

type source struct {
	Files     []string           `json:"files"`
	Frames    []frameRange       `json:"file_frames,omitempty"`
	Start     *time.Time         `json:"start,omitempty"`
	Packets   int64              `json:"packets"`
	Bytes     int64              `json:"bytes"`
	First     exact              `json:"first"`
	Last      exact              `json:"last"`
	Dropped   int64              `json:"dropped"`
	Truncated bool               `json:"truncated"`
	Error     string             `json:"error,omitempty"`
	LinkTypes []capture.LinkType `json:"link_types"`
	Skipped   *skipped           `json:"skipped,omitempty"`
}

// frameRange is which frames are those of a file: from first up to last.
type frameRange struct {
	File  string `json:"file"`
	First int    `json:"first"`
	Last  int    `json:"last"`
}

type skipped struct {
	NotTCP    int64 `json:"not_tcp"`
	Fragments int64 `json:"fragments"`
	Cut       int64 `json:"cut"`
	Malformed int64 `json:"malformed"`
	Doubles   int64 `json:"doubles"`
	Filtered  int64 `json:"filtered"`
	Late      int64 `json:"late"`
}

// playSource is what a run's tap captured: each packet whole, and none dropped.
func playSource(r *play.Result) source {
	return source{
		Files:     []string{},
		Packets:   r.Source.Packets,
		Bytes:     r.Source.Bytes,
		Last:      exact(r.Source.Last.Sub(r.Source.First)),
		LinkTypes: linkTypes(r.Interfaces),
	}
}

// surveySource is what was read from files, up to failure if that is not nil.
func surveySource(s *survey.Source, failure error) source {
	out := source{
		Files:     make([]string, 0, len(s.Files)),
		Packets:   s.Packets,
		Bytes:     s.Bytes,
		Last:      exact(s.Last.Sub(s.First)),
		Dropped:   s.Dropped,
		Truncated: s.Truncated,
		LinkTypes: linkTypes(interfacesOf(s)),
		Skipped: &skipped{
			NotTCP: s.Skipped.NotTCP, Fragments: s.Skipped.Fragments, Cut: s.Skipped.Cut,
			Malformed: s.Skipped.Malformed, Doubles: s.Skipped.Doubles, Filtered: s.Skipped.Unmatched, Late: s.Late,
		},
	}
	if s.Packets > 0 {
		start := instant(s.First)
		out.Start = &start
	}
	if failure != nil {
		out.Error = failure.Error()
	}
	for _, f := range s.Files {
		out.Files = append(out.Files, f.Name)
		if len(s.Files) > 1 && f.Packets > 0 {
			out.Frames = append(out.Frames, frameRange{f.Name, f.FirstFrame, f.FirstFrame + f.Packets - 1})
		}
	}
	return out
}

// instant is a time as calendars and clocks have it.
func instant(t flow.Time) time.Time { return time.Unix(0, int64(t)).UTC() }

func interfacesOf(s *survey.Source) []capture.Interface {
	var list []capture.Interface
	for _, i := range s.Interfaces {
		list = append(list, i.Interface)
	}
	return list
}

// linkTypes lists the link types of interfaces, each once.
func linkTypes(interfaces []capture.Interface) []capture.LinkType {
	list := []capture.LinkType{}
	seen := map[capture.LinkType]bool{}
	for _, i := range interfaces {
		if !seen[i.LinkType] {
			seen[i.LinkType] = true
			list = append(list, i.LinkType)
		}
	}
	return list
}
