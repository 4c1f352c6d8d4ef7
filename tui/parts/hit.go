package parts

// region is an area that answers to the mouse.
type region struct {
	area Area
	name string
}

// Hit is where a mouse is: the region, and the column and row within it.
type Hit struct {
	Name string
	X, Y int
	W, H int // the region's size
}

// Name makes the area answer to the mouse by that name until the canvas's next
// Reset. Where two lie over each other, the one that was named last answers.
func (a Area) Name(name string) {
	a.canvas.regions = append(a.canvas.regions, region{a, name})
}

// Hit returns what is at a column and row of the canvas; false if nothing there
// has a name.
func (c *Canvas) Hit(x, y int) (Hit, bool) {
	for i := len(c.regions) - 1; i >= 0; i-- {
		a := c.regions[i].area
		if dx, dy := x-a.x, y-a.y; dx >= 0 && dx < a.W && dy >= 0 && dy < a.H {
			return Hit{Name: c.regions[i].name, X: dx, Y: dy, W: a.W, H: a.H}, true
		}
	}
	return Hit{}, false
}
