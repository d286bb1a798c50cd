package sheet

import (
	"context"
	"io/fs"
	"net/http"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	r.Raw(http.MethodPost, "/api/sheet-imports", api.Op{
		ID: "uploadSheet", Permission: place.MayKeep, Summary: "Upload a list of places, or of what compounds have: Excel, CSV or pasted cells", Status: 201, MaxBody: MaxBytes, Replies: "application/json", Accepts: "application/octet-stream",
		Description: "The body is the file; name= is what it is called, list= what it is a list of (compounds, divisions, buildings, channels, areas, assets; compounds when left out), from= the day from which rows hold that do not say it, create=true makes buildings that are missing, take=true has compounds take part in the programme of which no row says otherwise. Headings are found and the list is checked; nothing is stored. Answers like getSheetDraft. A list that asks about residents is refused. Lists of places need place.write, too.",
	}, http.HandlerFunc(s.upload))
	api.Get(r, "/api/sheet-imports", api.Op{ID: "listSheetImports", Permission: place.MayRead, Summary: "Lists that were committed, the newest first"}, s.httpImports)
	api.Get(r, "/api/sheet-imports/{id}", api.Op{
		ID: "getSheetDraft", Permission: place.MayKeep, Summary: "How far an upload of one's own is: its columns, every bad cell, what would change",
		Description: "An upload lies for an hour from the last request. What it found is in report; its sentences are in the language asked for.",
	}, s.httpDraft)
	api.Get(r, "/api/sheet-imports/{id}/cells", api.Op{
		ID: "listSheetCells", Permission: place.MayKeep, Summary: "The cells that the check of an upload of one's own has counted, page by page: every one of them",
		Description: "Of all bad cells, or of one kind, bad or to be looked at; in the order of the rows. The list is read anew for each page.",
	}, s.httpCells)
	api.Put(r, "/api/sheet-imports/{id}/columns", api.Op{
		ID: "mapSheet", Permission: place.MayKeep, Summary: "Say what columns mean; the list is checked again", Description: "Remembered for the sender once the list is committed.",
	}, s.httpMap)
	api.Post(r, "/api/sheet-imports/{id}/commit", api.Op{
		ID: "commitSheet", Permission: place.MayKeep, Summary: "Write a checked list, all or nothing, or its good rows", Status: 202,
		Description: "It goes on after the answer; getSheetDraft tells how far it is. One transaction: until it is done nothing of it is there.",
	}, s.httpCommit)
	api.Post(r, "/api/sheet-imports/{id}/cancel", api.Op{
		ID: "cancelSheet", Permission: place.MayKeep, Summary: "End the work on an upload, or drop it", Status: 204,
	}, s.httpCancel)
	api.Post(r, "/api/sheet-imports/{id}/undo", api.Op{
		ID: "undoSheet", Permission: place.MayKeep, Summary: "Take an import back",
		Description: "409 with the rows named where somebody has said anything of their compounds since, or anything has come to hang on them; and where the sender has imported something later. Reports of days that have closed stay as they were.",
	}, s.httpUndo)
	r.Raw(http.MethodGet, "/api/sheet-imports/{id}/bad-rows.xlsx", api.Op{
		ID: "badSheetRows", Permission: place.MayKeep, Summary: "A workbook with only the bad rows: red cells with notes", Replies: xlsxType,
		Description: "part=: the first is 1. Each has as many rows as the report's bad_each says.",
	}, http.HandlerFunc(s.badRows))
	for kind, media := range map[string]string{"xlsx": xlsxType, "csv": "text/csv; charset=utf-8"} {
		name := map[string]string{"xlsx": "Xlsx", "csv": "Csv"}[kind]
		r.Raw(http.MethodGet, "/api/sheets/template."+kind, api.Op{
			ID: "sheetTemplate" + name, Permission: place.MayRead, Summary: "An empty list (" + kind + ")", Replies: media, Description: "list=: of compounds, divisions, buildings, channels, areas or assets; of compounds when it is left out.",
		}, s.template(kind, media))
		for _, x := range exports {
			r.Raw(http.MethodGet, "/api/sheets/"+string(x.list)+"."+kind, api.Op{
				ID: x.id + name, Permission: place.MayRead, Summary: x.summary + " (" + kind + ")", Replies: media,
				Description: "Narrowed by " + x.by + ", as of at=. It can be imported again; unchanged it changes nothing.",
			}, s.export(x.list, kind, media))
		}
	}
}

// exports are the lists that are given out.
var exports = []struct {
	list            List
	id, summary, by string
}{
	{Compounds, "exportSheet", "A list of compounds", "parent=, class=, weak=true, name= (a part of it)"},
	{Divisions, "exportDivisions", "A list of counties, streets and communities", "parent=, name= (a part of it)"},
	{Buildings, "exportBuildings", "A list of buildings with their protection", "parent=, name= (a part of the compound's)"},
	{Channels, "exportChannels", "A list of channels with their state", "parent=, name= (a part of the compound's)"},
	{Areas, "exportAreas", "A list of areas", "parent=, name= (a part of the compound's)"},
	{Assets, "exportAssets", "A list of protection with its condition and last check", "parent=, name= (a part of the compound's)"},
}

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

// sender is the caller, with the places of which such a list of theirs may say something today.
func (s *Service) sender(ctx context.Context, list List) (Sender, error) {
	permission := place.MayWrite
	if of := listingOf(list); of != nil && of.keep {
		permission = place.MayKeep
	}
	if !api.CallerFrom(ctx).May(permission) {
		return Sender{}, fault.New(fault.Denied, "sheet.Upload", "sheet.not-your-list")
	}
	scope, err := s.o.Places.Rights().Scope(ctx, permission, s.today())
	if err != nil {
		return Sender{}, err
	}
	who := Sender{Account: by(ctx), Lang: api.Language(ctx), May: scope.Has, Own: func(id place.ID) bool { return place.Own(ctx, id) }}
	if s.o.Programme != nil {
		who.Take, err = s.o.Programme.Where(ctx)
	}
	return who, err
}

func say(ctx context.Context, code string, args map[string]any) string {
	kv := make([]any, 0, 2*len(args))
	for k, v := range args {
		kv = append(kv, k, v)
	}
	return api.Say(ctx, code, kv...)
}

type draftOutput struct{ Body *DraftView }

// DraftView is a draft with its sentences, and why it failed.
type DraftView struct {
	*Draft
	Problem string `json:"problem,omitempty" doc:"Why it failed"`
	Code    string `json:"code,omitempty"`
}

// inWords gives a draft its sentences. What is shared with the draft stays as it is.
func inWords(ctx context.Context, d *Draft) *DraftView {
	v := &DraftView{Draft: d}
	if d.err != nil {
		v.Code, v.Problem = sentence(ctx, d.err)
	}
	if d.Report == nil {
		return v
	}
	r := *d.Report
	r.Problems, r.Warnings = cellsInWords(ctx, r.Problems), cellsInWords(ctx, r.Warnings)
	d.Report = &r
	return v
}

// cellsInWords says of cells, in the reader's language, what is wrong and what would be right.
func cellsInWords(ctx context.Context, list []Problem) []Problem {
	w := badBook{lang: api.Language(ctx), say: func(code string, args map[string]any) string { return say(ctx, code, args) }}
	out := make([]Problem, len(list))
	for i, p := range list {
		p.Says, p.Right = say(ctx, p.Code, p.args), w.right(p.right)
		out[i] = p
	}
	return out
}

type cellsOutput struct{ Body Cells }

func (s *Service) httpCells(ctx context.Context, in *struct {
	ID     string `path:"id"`
	Kind   string `query:"kind" maxLength:"20" doc:"As kinds of the report has them; all bad cells when left out"`
	Offset int    `query:"offset" minimum:"0" maximum:"20000000"`
	Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
},
) (*cellsOutput, error) {
	c, err := s.Cells(ctx, by(ctx), in.ID, Kind(in.Kind), in.Offset, in.Limit)
	if err != nil {
		return nil, err
	}
	c.Cells = cellsInWords(ctx, c.Cells)
	return &cellsOutput{c}, nil
}

func (s *Service) httpDraft(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*draftOutput, error) {
	d, err := s.Draft(by(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &draftOutput{inWords(ctx, d)}, nil
}

func (s *Service) httpMap(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Columns []Meaning `json:"columns" minItems:"1" maxItems:"2000"`
	}
},
) (*draftOutput, error) {
	d, err := s.Map(by(ctx), in.ID, in.Body.Columns)
	if err != nil {
		return nil, err
	}
	return &draftOutput{inWords(ctx, d)}, nil
}

func (s *Service) httpCommit(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		GoodOnly bool `json:"good_only,omitempty" doc:"Leave bad rows out; otherwise a single bad cell keeps the whole list out"`
	}
},
) (*draftOutput, error) {
	d, err := s.Draft(by(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	who, err := s.sender(ctx, d.List)
	if err != nil {
		return nil, err
	}
	d, err = s.Commit(who, in.ID, in.Body.GoodOnly)
	if err != nil {
		return nil, err
	}
	return &draftOutput{inWords(ctx, d)}, nil
}

func (s *Service) httpCancel(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*struct{}, error) {
	return nil, s.Cancel(by(ctx), in.ID)
}

type importOutput struct{ Body Import }

func (s *Service) httpUndo(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*importOutput, error) {
	imp, err := s.importRow(ctx, in.ID)
	if err != nil {
		return nil, dbError("sheet.Undo", err)
	}
	who, err := s.sender(ctx, imp.List)
	if err != nil {
		return nil, err
	}
	i, err := s.Undo(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &importOutput{i}, nil
}

type importsOutput struct {
	Body struct {
		Imports []Import `json:"imports"`
	}
}

func (s *Service) httpImports(ctx context.Context, in *struct {
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"50"`
},
) (*importsOutput, error) {
	account := ""
	city, err := place.Permitted(s.o.Places.Rights().MayCity(ctx, place.MayRead))
	if err != nil {
		return nil, err
	}
	if !city { // a county's office sees its own
		account = by(ctx)
	}
	list, err := s.Imports(ctx, account, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &importsOutput{}
	out.Body.Imports = list
	return out, nil
}
