package outline

import (
	"context"
	"io/fs"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS { return api.Messages(messages) }

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/api/outlines", api.Op{
		ID: "getOutlines", Permission: place.MayRead, Summary: "The outlines of counties that were imported, for the map", Description: "None: the map is drawn as tiles.",
	}, s.httpOutlines)
	api.Get(r, "/api/outlines/changes", api.Op{ID: "listOutlineChanges", Permission: place.MayRead, Summary: "Who imported whose outlines, and took them away"}, s.httpChanges)
	api.Post(r, "/api/outlines/check", api.Op{
		ID: "checkOutlines", Permission: place.MayWrite, Summary: "Which county each feature of a GeoJSON file is", MaxBody: MaxBytes,
		Description: "A FeatureCollection of polygons in degrees. A feature is the county whose code, name, or name without its ending one of its properties has. Stores nothing.",
	}, s.httpCheck)
	api.Put(r, "/api/outlines", api.Op{
		ID: "putOutlines", Permission: place.MayWrite, Summary: "Keep the outlines of a GeoJSON file, in place of those there are", MaxBody: MaxBytes,
		Description: "With If-Match once there were some. They are simplified, and kept in WGS-84.",
	}, s.httpPut)
	api.Delete(r, "/api/outlines", api.Op{
		ID: "dropOutlines", Permission: place.MayWrite, Summary: "Take the outlines away; the map is drawn as tiles again", Description: "With If-Match.",
	}, s.httpDrop)
}

type outlinesOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Source   Source    `json:"source"`
		Outlines []Outline `json:"outlines"`
	}
}

func (s *Service) httpOutlines(ctx context.Context, _ *struct{}) (*outlinesOutput, error) {
	out := &outlinesOutput{}
	var err error
	if out.Body.Source, err = s.Source(ctx); err != nil {
		return nil, err
	}
	out.Body.Outlines, err = s.Outlines(ctx)
	out.ETag = place.ETag(out.Body.Source.Version)
	return out, err
}

func (s *Service) httpChanges(ctx context.Context, _ *struct{}) (*place.TracesOutput, error) {
	return place.TracesReply(s.o.Places.Traces(ctx, s.o.Clock.Close(s.o.Clock.Today()), record))
}

// FileInput is a GeoJSON file with what is said of it; huma fills exported
// structs only.
type FileInput struct {
	Datum   Datum  `query:"datum" enum:"wgs84,gcj02" required:"true" doc:"What its degrees are counted in"`
	File    string `query:"file" maxLength:"120" doc:"What it is called"`
	Note    string `query:"note" maxLength:"200" doc:"Whose data it is, and by which right it is shown; needed to keep it"`
	RawBody []byte `contentType:"application/geo+json"`
}

func (in *FileInput) upload() Upload {
	return Upload{File: in.File, Note: in.Note, Datum: in.Datum, Raw: in.RawBody}
}

type reportOutput struct{ Body Report }

func (s *Service) httpCheck(ctx context.Context, in *FileInput) (*reportOutput, error) {
	if err := s.o.Places.Rights().MayCity(ctx, place.MayWrite); err != nil {
		return nil, err
	}
	r, _, err := s.Check(ctx, in.upload())
	return &reportOutput{r}, err
}

func (s *Service) httpPut(ctx context.Context, in *struct {
	place.Versioned
	FileInput
},
) (*reportOutput, error) {
	if err := s.o.Places.Rights().MayCity(ctx, place.MayWrite); err != nil {
		return nil, err
	}
	var seen int64
	if in.IfMatch != "" {
		var err error
		if seen, err = in.Seen(); err != nil {
			return nil, err
		}
	}
	r, err := s.Import(ctx, api.CallerFrom(ctx).Account, seen, in.upload())
	return &reportOutput{r}, err
}

func (s *Service) httpDrop(ctx context.Context, in *struct{ place.Versioned }) (*struct{}, error) {
	if err := s.o.Places.Rights().MayCity(ctx, place.MayWrite); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return nil, s.Drop(ctx, api.CallerFrom(ctx).Account, seen)
}
