#!/bin/sh
# Builds the program for Gluster nodes: one file, in artifacts/node, that needs no runtime where it is copied to (docs/install.md).
# Needs the .NET SDK, and gcc or clang with the C library's headers: apt-get install gcc libc6-dev
set -eu
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# What it is made of lies apart from the other builds', so that both stay up to date. The analyzers are for those who change the code.
dotnet publish "$root/compose/GlusterBus.Host/GlusterBus.Host.csproj" -c Release --use-current-runtime -p:CollectsOnly=true \
  -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false --artifacts-path "$root/artifacts/node-build" -o "$root/artifacts/node" -v q
