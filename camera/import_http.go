package camera

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (s *Service) importRoutes(r *api.Router) {
	api.Post(r, "/api/camera-imports", api.Op{
		ID: "importCameras", Permission: MayImport, Summary: "Read a list of cameras from CSV or XLSX", MaxBody: MaxImportBytes + 64<<10,
		Description: "Without commit=true a dry run: every bad cell with what would be right, nothing stored. With it, all rows or none. The file is the part \"file\" of a form, or the body itself.",
	}, s.httpImport)
	for _, kind := range []string{"xlsx", "csv"} {
		media := map[string]string{"xlsx": xlsxType, "csv": "text/csv; charset=utf-8"}[kind]
		r.Raw(http.MethodGet, "/api/camera-imports/template."+kind, api.Op{
			ID: "importTemplate" + strings.ToUpper(kind[:1]) + kind[1:], Permission: MayImport, Summary: "Template of a list of cameras (" + kind + ")", Replies: media,
		}, templateHandler(kind, media))
	}
}

type importInput struct {
	Commit      bool   `query:"commit" doc:"Store the rows"`
	ContentType string `header:"Content-Type" hidden:"true"`
	// The body is taken as bytes: a parser of forms would write the file,
	// with its passwords, into the folder for temporary files.
	RawBody []byte `contentType:"multipart/form-data"`
}

type importOutput struct{ Body *ImportAnswer }

func (s *Service) httpImport(ctx context.Context, in *importInput) (*importOutput, error) {
	file, err := uploaded(in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	lang := api.Language(ctx)
	a, err := s.Import(ctx, by(ctx), lang, file, in.Commit)
	if err != nil {
		return nil, err
	}
	for _, list := range [][]CellProblem{a.Problems, a.Warnings} {
		for i := range list {
			c := &list[i]
			c.Says = say(ctx, c.Code, c.Args)
			if code, args := c.right(lang); code != "" {
				c.Right = say(ctx, code, args)
			}
		}
	}
	return &importOutput{a}, nil
}

// uploaded finds the file in a form, or takes the body for it.
func uploaded(contentType string, body []byte) ([]byte, error) {
	const op = "camera.Import"
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return body, nil
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range 20 {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, op, "camera.import.not-readable")
		}
		if part.FormName() == "file" {
			b, err := io.ReadAll(io.LimitReader(part, MaxImportBytes+1))
			if err != nil {
				return nil, fault.New(fault.Invalid, op, "camera.import.not-readable")
			}
			return b, nil
		}
	}
	return nil, fault.New(fault.Invalid, op, "camera.import.no-file")
}

func templateHandler(kind, media string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang := api.Language(r.Context())
		b, err := Template(kind, lang)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		name := "摄像机导入模板." + kind
		if lang == "en" {
			name = "camera-import." + kind
		}
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		_, _ = w.Write(b)
	})
}
