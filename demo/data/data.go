// Package data holds the demo city's facts: the published figures and Linyi's divisions, with their sources in README.md.
package data

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

//go:embed figures.csv
var figures string

//go:embed linyi-divisions.csv
var divisions string

// Outlines are cells about where the counties lie, drawn by this project: GeoJSON, no real border.
//
//go:embed invented-outlines.geojson
var Outlines []byte

// Date is the day of the published figures.
const Date = "2017-09-27"

// Figures are the published figures of the city by name; money in fen.
func Figures() (map[string]int64, error) {
	rows, err := read(figures, 5)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, r := range rows {
		n, err := strconv.ParseInt(r[2], 10, 64)
		if err != nil || r[0] != Date {
			return nil, fmt.Errorf("figures.csv: %q", r)
		}
		out[r[1]] = n
	}
	return out, nil
}

// Division is a county, a street or town, or a community or village.
type Division struct{ Level, Code, Name, Parent string }

// Divisions of Linyi, parents before children.
func Divisions() ([]Division, error) {
	rows, err := read(divisions, 4)
	if err != nil {
		return nil, err
	}
	out := make([]Division, len(rows))
	for i, r := range rows {
		out[i] = Division{r[0], r[1], r[2], r[3]}
	}
	return out, nil
}

// read parses a file without its heading row.
func read(file string, columns int) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(file))
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	return rows[1:], nil
}
