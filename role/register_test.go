package role

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"linli.dev/linli/camera"
	"linli.dev/linli/fault"
)

// The register of cameras refuses the names that the city's lists refuse, by the same words.
func TestTheRegisterRefusesNamesAboutPeople(t *testing.T) {
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for name, want := range map[string]bool{"东门车牌识别": true, "人脸门禁": true, "Residents gate": true, "值班 400-123-4567": true, "东门 1": false, "业主委员会门口": false} {
		_, err := a.Register().Add(t.Context(), "op", camera.Edit{Name: &name})
		var f *fault.Error
		if !errors.As(err, &f) {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Code == "camera.field.about-people" }); got != want {
			t.Errorf("%s: refused %v, want %v: %v", name, got, want, err)
		}
	}
}
