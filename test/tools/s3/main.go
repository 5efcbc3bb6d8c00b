// SPDX-License-Identifier: Apache-2.0

// Command s3 is an S3-compatible server in memory, on the loopback, that wants signatures of version 4.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	access := flag.String("access", "", "access key; empty: nobody is asked")
	secret := flag.String("secret", "", "secret key")
	bucket := flag.String("bucket", "charts", "the bucket that is there")
	flag.Parse()
	if err := serve(*address, *access, *secret, *bucket); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address, access, secret, bucket string) error {
	backend := s3mem.New()
	options := []gofakes3.Option{}
	if access != "" {
		options = append(options, gofakes3.WithV4Auth(map[string]string{access: secret}))
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if err := backend.CreateBucket(context.Background(), bucket); err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := http.Server{Handler: gofakes3.New(backend, options...).Server(), ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
