package survey

import "testing"

// TestPaperIsWrittenOnAgain holds paper to what a reader and hands need of it: a sheet
// that somebody needs is never given again, and one that nobody needs is.
func TestPaperIsWrittenOnAgain(t *testing.T) {
	p := paper{blank: make(chan *sheet, mostBlank)}
	first := p.next(nil, 100)
	if again := p.next(first, 100); &again[0] != &first[0] {
		t.Error("nobody keeps the sheet, and the reader is given another")
	}
	one, other := p.keep(nil), p.keep(nil)
	if one = p.keep(one); len(one) != 1 {
		t.Errorf("a hand has %d sheets, want 1", len(one))
	}
	second := p.next(first, 100)
	if &second[0] == &first[0] {
		t.Fatal("the sheet is given again while two hands need it")
	}
	one = p.drop(one)
	p.keep(one)
	if third := p.next(second, 100); &third[0] == &first[0] || &third[0] == &second[0] {
		t.Fatal("a sheet is given again while a hand needs it")
	}
	p.drop(other)
	p.keep(nil)
	if last := p.next(nil, 50); &last[0] != &first[0] {
		t.Error("the sheet that nobody needs any more is not used again")
	}
	p.keep(nil)
	if larger := p.next(nil, 1000); len(larger) != 1000 {
		t.Errorf("%d bytes are given, want 1000", len(larger))
	}
}
