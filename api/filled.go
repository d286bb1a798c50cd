package api

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
)

// filled gives v with [] and {} where it has nil slices and maps, so that a page needs no branch for null. What is
// changed is copied first: a reply may share its parts with the room that made it.
func filled(v any) any {
	if v == nil {
		return nil
	}
	rv := reflect.ValueOf(v)
	if !hasLists(rv.Type()) {
		return v
	}
	if out, changed := fill(rv); changed {
		return out.Interface()
	}
	return v
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	listTypes     sync.Map // reflect.Type → bool
)

// hasLists says whether a type can hold a slice or map that is written as JSON by the usual rules.
func hasLists(t reflect.Type) bool {
	if known, ok := listTypes.Load(t); ok {
		return known.(bool)
	}
	has := findLists(t, map[reflect.Type]bool{})
	listTypes.Store(t, has)
	return has
}

func findLists(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.Implements(marshaler) || t.Implements(textMarshaler) || t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface &&
		(reflect.PointerTo(t).Implements(marshaler) || reflect.PointerTo(t).Implements(textMarshaler)) {
		return false
	}
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Uint8 // []byte is text
	case reflect.Map, reflect.Interface:
		return true
	case reflect.Pointer, reflect.Array:
		return findLists(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && findLists(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

func fill(v reflect.Value) (reflect.Value, bool) {
	t := v.Type()
	if t.Kind() == reflect.Interface {
		if v.IsNil() || !hasLists(v.Elem().Type()) {
			return v, false
		}
		return fill(v.Elem())
	}
	if !hasLists(t) {
		return v, false
	}
	switch t.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v, false
		}
		if in, changed := fill(v.Elem()); changed {
			p := reflect.New(t.Elem())
			p.Elem().Set(in)
			return p, true
		}
	case reflect.Slice:
		if v.IsNil() {
			return reflect.MakeSlice(t, 0, 0), true
		}
		var out reflect.Value
		for i := range v.Len() {
			if e, changed := fill(v.Index(i)); changed {
				if !out.IsValid() {
					out = reflect.MakeSlice(t, v.Len(), v.Len())
					reflect.Copy(out, v)
				}
				out.Index(i).Set(e)
			}
		}
		if out.IsValid() {
			return out, true
		}
	case reflect.Map:
		if v.IsNil() {
			return reflect.MakeMap(t), true
		}
		var out reflect.Value
		for it := v.MapRange(); it.Next(); {
			if e, changed := fill(it.Value()); changed {
				if !out.IsValid() {
					out = reflect.MakeMapWithSize(t, v.Len())
					for c := v.MapRange(); c.Next(); {
						out.SetMapIndex(c.Key(), c.Value())
					}
				}
				out.SetMapIndex(it.Key(), e)
			}
		}
		if out.IsValid() {
			return out, true
		}
	case reflect.Struct:
		var out reflect.Value
		for i := range t.NumField() {
			if !t.Field(i).IsExported() {
				continue
			}
			if e, changed := fill(v.Field(i)); changed {
				if !out.IsValid() {
					out = reflect.New(t).Elem()
					out.Set(v)
				}
				out.Field(i).Set(e)
			}
		}
		if out.IsValid() {
			return out, true
		}
	}
	return v, false
}
