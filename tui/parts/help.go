package parts

// KeyHelp is a key, or two, and what it does. Without keys it is a heading of
// those that follow.
type KeyHelp struct{ Keys, Does string }

// Footer says on the area's first row what keys do, as many as fit: the most
// important come first. Headings are left out.
func Footer(a Area, keys []KeyHelp) {
	x := 1
	for _, k := range keys {
		if k.Keys == "" || x+Width(k.Keys)+1+Width(k.Does) > a.W {
			continue
		}
		x = a.Put(x, 0, Strong, k.Keys)
		x = a.Put(x+1, 0, Faint, k.Does) + 2
	}
}

// Help lays a box over the middle of a view, which it dims, with all keys in as
// many columns as they need.
func Help(a Area, title string, keys []KeyHelp) {
	a.Dim()
	name, does := 0, 0
	for _, k := range keys {
		name, does = max(name, Width(k.Keys)), max(does, Width(k.Does))
	}
	const gap = 3 // between two columns of keys
	column := name + 2 + does
	across := max(1, min((len(keys)+helpRows-1)/helpRows, (a.W-4+gap)/(column+gap)))
	rows := (len(keys) + across - 1) / across
	for rows > a.H-2 && (across+1)*(column+gap) <= a.W-4+gap {
		across++
		rows = (len(keys) + across - 1) / across
	}
	width := min(a.W, across*(column+gap)-gap+4)
	height := min(a.H, rows+2)
	box := a.Columns((a.W-width)/2, width).Rows((a.H-height)/2, height).Box(title)
	for i, k := range keys {
		cell := box.Columns(i/rows*(column+gap), column).Rows(i%rows, 1)
		if k.Keys == "" {
			cell.PutFit(0, 0, cell.W, Title, k.Does)
			continue
		}
		cell.Put(0, 0, Accent, k.Keys)
		cell.PutFit(name+2, 0, cell.W-name-2, Plain, k.Does)
	}
}

// helpRows is how many keys a column has before another is begun.
const helpRows = 18
