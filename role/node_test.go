package role

import (
	"testing"

	"linli.dev/linli/people/programme"
)

// A channel is networked for as long as its compound is: for the days that the programme says, 30 where it says none.
func TestAPictureCountsForAsLongAsTheProgrammeSays(t *testing.T) {
	if none, week := spanOf(programme.Programme{}), spanOf(programme.Programme{Span: 7}); none != 30 || week != 7 {
		t.Errorf("%d days without a word, %d where it says 7", none, week)
	}
}
