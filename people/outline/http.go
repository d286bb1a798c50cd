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
	s.tileRoutes(r)
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

// tileRoutes are those of the schematic map.
func (s *Service) tileRoutes(r *api.Router) {
	api.Get(r, "/api/tiles", api.Op{
		ID: "getTiles", Permission: place.MayRead, Summary: "Where each county stands on the schematic map, and what is written there",
		Description: "As an office laid it out; else the map that ships with the product, and counties that it does not know in rows below.",
	}, s.httpTiles)
	api.Put(r, "/api/tiles", api.Op{
		ID: "setTiles", Permission: place.MayWrite, Summary: "Lay the schematic map out", Description: "With If-Match once it was laid out. Counties that are left out stand below the others.",
	}, s.httpSetTiles)
	api.Delete(r, "/api/tiles", api.Op{ID: "dropTiles", Permission: place.MayWrite, Summary: "Forget the layout: the map that ships is back", Description: "With If-Match."}, s.httpDropTiles)
	api.Get(r, "/api/tiles/changes", api.Op{ID: "listTileChanges", Permission: place.MayRead, Summary: "Who laid the schematic map out, before and after"}, s.httpTileChanges)
}

type tilesOutput struct {
	ETag string `header:"ETag"`
	Body Layout
}

func tilesReply(l Layout, err error) (*tilesOutput, error) {
	if err != nil {
		return nil, err
	}
	return &tilesOutput{place.ETag(l.Version), l}, nil
}

func (s *Service) httpTiles(ctx context.Context, _ *struct{}) (*tilesOutput, error) {
	return tilesReply(s.Tiles(ctx))
}

func (s *Service) httpSetTiles(ctx context.Context, in *struct {
	place.Versioned
	Body struct {
		Tiles []Tile `json:"tiles" maxItems:"144"`
	}
},
) (*tilesOutput, error) {
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
	return tilesReply(s.SetTiles(ctx, api.CallerFrom(ctx).Account, seen, in.Body.Tiles))
}

func (s *Service) httpDropTiles(ctx context.Context, in *struct{ place.Versioned }) (*struct{}, error) {
	if err := s.o.Places.Rights().MayCity(ctx, place.MayWrite); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return nil, s.DropTiles(ctx, api.CallerFrom(ctx).Account, seen)
}

func (s *Service) httpTileChanges(ctx context.Context, _ *struct{}) (*place.TracesOutput, error) {
	return place.TracesReply(s.o.Places.Traces(ctx, s.o.Clock.Close(s.o.Clock.Today()), tileRecord))
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
