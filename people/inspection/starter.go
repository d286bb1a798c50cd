package inspection

import (
	_ "embed"
	"encoding/json"
)

//go:embed starter.json
var starter []byte

// StarterID is what the form to begin with is called.
const StarterID FormID = "safe-compound"

// Starter is a form to begin with: a safe compound in 100 points over
// protection by people, physical and technical protection. An office changes it
// as it likes, and a second person publishes it.
func Starter() (FormWords, error) {
	var w FormWords
	err := json.Unmarshal(starter, &w)
	w.tidy()
	return w, err
}
