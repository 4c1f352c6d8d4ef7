//go:build !linux && !darwin && !(windows && (amd64 || 386))

package live

import (
	"errors"
	"fmt"
	"runtime"

	"flowlab/capture/filter"
)

func open(*Options) (handle, *filter.Filter, error) {
	return nil, nil, fmt.Errorf("interfaces of %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
