// Package outline keeps the outlines of counties that an operator imported as GeoJSON, for the map of the city.
//
// The product ships a schematic map of tiles that it draws itself. Real borders
// are somebody's data, so they are not in it: an operator who may use some
// imports them, and the map draws them instead, without tiles or a network.
//
//	geojson.go   reads a FeatureCollection of polygons, within limits
//	datum.go     GCJ-02, the shifted degrees of Chinese maps, into WGS-84
//	match.go     which feature is which county, and what is left over
//	shape.go     simplifies until a page can carry it
//	service.go, http.go
package outline
