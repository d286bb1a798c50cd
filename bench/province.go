package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"linli.dev/linli/demo/city"
	"linli.dev/linli/role"
	"linli.dev/linli/store/storetest"
)

// A province is the demo city twenty times: 48,000 compounds at the end of the story, 47,320 on its published day.
const provinceTimes = 20

// benchProvince asks the real program over HTTP, as the city's page does, with twenty cities in its database.
func benchProvince(ctx context.Context, o options) ([]row, error) {
	rows, err := provinceOn(ctx, o, "SQLite", "")
	if err != nil {
		return rows, err
	}
	url, drop, err := storetest.Database()
	if err != nil {
		return rows, err
	}
	defer func() { _ = drop() }()
	more, err := provinceOn(ctx, o, "PostgreSQL", url)
	return append(rows, more...), err
}

func provinceOn(ctx context.Context, o options, engine, url string) ([]row, error) {
	dir, err := os.MkdirTemp("", "linli-bench-province-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	begin := time.Now()
	if err := fillProvince(ctx, data, url); err != nil {
		return nil, err
	}
	filled := time.Since(begin)
	var extra []string
	if url != "" {
		extra = []string{"--database", url}
	}
	s := cityServer(o, data, extra...)
	defer s.stop()
	begin = time.Now()
	if err := s.launch(ctx); err != nil {
		return nil, err
	}
	if s.operator, err = s.signIn("operator"); err != nil {
		return nil, err
	}
	if _, err := s.cityPage(""); err != nil {
		return nil, err
	}
	first := time.Since(begin)
	t, err := s.cityTimes(ctx)
	if err != nil {
		return nil, err
	}
	return t.rows("the city's page of a province, "+engine,
		fmt.Sprintf("48,000 compounds with 15 months behind them; filled in %.0f s, the first page %.0f s after the start; ", filled.Seconds(), first.Seconds()), 100), nil
}

// fillProvince plays the story once, and has the database copy it.
func fillProvince(ctx context.Context, data, url string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	db, err := role.OpenDB(ctx, role.Config{Data: data, Database: url}, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := city.Fill(ctx, db, city.Last, log); err != nil {
		return err
	}
	return city.Grow(ctx, db, provinceTimes)
}
