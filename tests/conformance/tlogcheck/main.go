// Checks a log in C2SP tlog-tiles layout with other people's code, golang.org/x/mod/sumdb:
//
//	tlogcheck DIR 'log-vkey' ['witness-vkey' ...]
//
// Every key must have signed the checkpoint, every tile must fit its root, every entry its tile,
// and inclusion and consistency proofs must hold. One line, exit 1 at the first failure.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error, what string) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
}

func fail(format string, args ...interface{}) { check(fmt.Errorf(format, args...), "tlogcheck") }

// cosigner verifies cosignature/v1, which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(text), sig[8:])
}

func verifierOf(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("no vkey: %q", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err, "vkey")
	if len(key) == 33 && key[0] == 4 {
		id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
		hash := binary.BigEndian.Uint32(id[:])
		if parts[1] != fmt.Sprintf("%08x", hash) {
			fail("vkey id is not its key's")
		}
		return cosigner{parts[0], hash, key[1:]}
	}
	verifier, err := note.NewVerifier(vkey)
	check(err, "vkey")
	return verifier
}

// tileDir reads tiles by their C2SP paths, which lack the height that x/mod puts there.
type tileDir struct{ root string }

func (d tileDir) Height() int                     { return 8 }
func (d tileDir) SaveTiles([]tlog.Tile, [][]byte) {}
func (d tileDir) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(d.root, path))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func readTree(dir string, vkeys []string) (tree tlog.Tree) {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	check(err, "checkpoint")
	var verifiers []note.Verifier
	for _, vkey := range vkeys {
		verifiers = append(verifiers, verifierOf(vkey))
	}
	opened, err := note.Open(text, note.VerifierList(verifiers...))
	check(err, "checkpoint")
	if len(opened.Sigs) != len(vkeys) {
		fail("%d of %d keys signed the checkpoint", len(opened.Sigs), len(vkeys))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifiers[0].Name() {
		fail("malformed checkpoint")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	check(err, "checkpoint size")
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	check(err, "checkpoint root")
	if len(hash) != tlog.HashSize {
		fail("checkpoint root has %d bytes", len(hash))
	}
	copy(tree.Hash[:], hash)
	return tree
}

func checkEntries(dir string, tree tlog.Tree, reader tlog.HashReader) {
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		path := (tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}).Path()
		bundle, err := os.ReadFile(filepath.Join(dir, strings.Replace(path, "tile/8/data/", "tile/entries/", 1)))
		check(err, "bundle")
		var indexes []int64
		for i := int64(0); i < width; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+i))
		}
		hashes, err := reader.ReadHashes(indexes)
		check(err, "tile")
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				fail("bundle of %d is too short", first)
			}
			size := int(binary.BigEndian.Uint16(bundle))
			if tlog.RecordHash(bundle[2:2+size]) != hashes[i] {
				fail("leaf %d hash mismatch", first+i)
			}
			bundle = bundle[2+size:]
		}
		if len(bundle) != 0 {
			fail("bundle of %d has trailing bytes", first)
		}
	}
}

func checkProofs(tree tlog.Tree, reader tlog.HashReader) {
	for _, n := range []int64{0, 1, tree.N / 2, tree.N - 1} {
		if n < 0 || n >= tree.N {
			continue
		}
		proof, err := tlog.ProveRecord(tree.N, n, reader)
		check(err, "inclusion proof")
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		check(err, "leaf")
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf[0]), "inclusion")
	}
	for _, n := range []int64{1, 255, 256, 257, tree.N - 1} {
		if n < 1 || n > tree.N {
			continue
		}
		root, err := tlog.TreeHash(n, reader)
		check(err, "old root")
		proof, err := tlog.ProveTree(tree.N, n, reader)
		check(err, "consistency proof")
		check(tlog.CheckTree(proof, tree.N, tree.Hash, n, root), "consistency")
	}
}

func main() {
	if len(os.Args) < 3 {
		fail("usage: tlogcheck DIR LOG-VKEY [WITNESS-VKEY ...]")
	}
	tree := readTree(os.Args[1], os.Args[2:])
	if tree.N == 0 {
		empty := sha256.Sum256(nil)
		if !bytes.Equal(tree.Hash[:], empty[:]) {
			fail("the root of no entries is wrong")
		}
	} else {
		reader := tlog.TileHashReader(tree, tileDir{os.Args[1]})
		checkEntries(os.Args[1], tree, reader)
		checkProofs(tree, reader)
	}
	fmt.Printf("OK %d entries\n", tree.N)
}
