package sheet

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// sentence is an error for people. What is no fault of ours has a sentence of its own.
func sentence(ctx context.Context, err error) (code, text string) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return "sheet.store", api.Say(ctx, "sheet.store")
	}
	return f.Code, say(ctx, f.Code, f.Args)
}

func (s *Service) upload(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	asked := Asked{List: List(q.Get("list")), Create: q.Get("create") == "true", Take: q.Get("take") == "true"}
	who, err := s.sender(r.Context(), asked.List)
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	if v := q.Get("from"); v != "" {
		if asked.From, err = place.ParseDay(v); err != nil {
			api.Fail(w, r, err)
			return
		}
	}
	d, err := s.Upload(r.Context(), who, q.Get("name"), asked, r.Body)
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(inWords(r.Context(), d))
}

func (s *Service) badRows(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	part, err := strconv.Atoi(cmp.Or(r.URL.Query().Get("part"), "1"))
	if err != nil || part < 1 || part > 1_000_000 {
		api.Fail(w, r, fault.New(fault.Invalid, "sheet.badRows", "sheet.no-bad-rows"))
		return
	}
	b, err := s.BadRows(ctx, by(ctx), r.PathValue("id"), part, func(code string, args map[string]any) string { return say(ctx, code, args) })
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	attach(ctx, w, xlsxType, "问题行.xlsx", "bad-rows.xlsx")
	_, _ = w.Write(b)
}

func attach(ctx context.Context, w http.ResponseWriter, media, zh, en string) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": pick(api.Language(ctx), zh, en)}))
	w.Header().Set("Cache-Control", "no-store")
}

func (s *Service) template(kind, media string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list := List(r.URL.Query().Get("list"))
		scope, err := s.o.Places.Rights().Scope(r.Context(), place.MayRead, s.today())
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		b, err := s.Template(r.Context(), list, kind, api.Language(r.Context()), scope.Has)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		of := listingOf(list)
		attach(r.Context(), w, media, of.zh+"导入模板."+kind, string(of.key)+"-template."+kind)
		_, _ = w.Write(b)
	})
}

func (s *Service) export(list List, kind, media string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asOf, err := place.AsOfInput{At: q.Get("at")}.AsOf(s.o.Clock)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		scope, err := s.o.Places.Rights().Scope(r.Context(), place.MayRead, asOf)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		f := Filter{List: list, Q: asOf, Show: scope.Has, Own: func(id place.ID) bool { return place.Own(r.Context(), id) }, Parent: place.ID(q.Get("parent")), Class: place.Class(q.Get("class")), Weak: q.Get("weak") == "true", Name: q.Get("name")}
		// Until the first bytes have left an error can still be told; a list of a city fits here, xlsx is built in files.
		var b bytes.Buffer
		if err := s.Export(r.Context(), &b, kind, api.Language(r.Context()), f); err != nil {
			api.Fail(w, r, dbError("sheet.Export", err))
			return
		}
		attach(r.Context(), w, media, listings[list].zh+"名单 "+asOf.Day.String()+"."+kind, string(list)+"-"+asOf.Day.String()+"."+kind)
		_, _ = io.Copy(w, &b)
	})
}
