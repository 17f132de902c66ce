# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Which test runs which command of the pages.

A row is a regular expression for the whole command, after comments and line continuations are
gone, and who runs it:

    RUN                      run_commands.py beside this file, as it stands in the page
    SHORT + "PROGRAM ARGS"   the same, what the command starts, for a shorter time
    "FILE: WORDS"            a test that has these words, in which the same command is run
    BY_HAND + "reason"       nobody does; there must be no test that could

The first row that matches counts; one that matches no command is an error.
"""
RUN = "run"
SHORT = "short: "
BY_HAND = "by hand: "

RING = "devtools/run_tests.py: "

# Pages whose blocks marked "sh" a guest's test runs one by one, as they stand.
WORD_FOR_WORD = {
    "doc/operator-guide.md": "test/guest/tests/systemd.sh: guide sh",
    "doc/hardware-checklist.md": "test/guest/tests/testpmd.sh: checklist_block",
    "doc/kubernetes.md": "test/guest/tests/cni.sh: guide sh",
}

# What inline code may be a command of, if more words follow.
PROGRAMS = ("./run", "sluiced", "sluicectl", "sluice-fwd", "sluice-keeper", "sluice-model",
            "dpdk-testpmd", "dpdk-telemetry.py", "dpdk-telemetry-exporter.py", "systemctl",
            "modprobe", "promtool", "meson", "systemd-analyze")

ROWS = (
    # The entry point.
    (r"\./run help", RUN),
    (r"\./run guest --help", RUN),
    (r"\./run try( \w+)?", "test/model/server/processes_test.py: try.sh"),
    (r"\./run test( (unit|model|guest|pages))?", RING + "HOST_RUNS"),
    (r"\./run test guest -k interop", "test/guest/tests/interop-igb.sh: interop"),
    (r"\./run test guest -k sluiced", "test/guest/tests/sluiced.sh: sluiced"),
    (r"\./run test guest -k agree", "test/guest/tests/agree.sh: agree"),
    (r"\./run test guest -k port-vlan|\./run guest test/guest/tests/port-vlan\.sh 100",
     "test/guest/tests/port-vlan.sh: VLAN"),
    (r"\./run guest( SCRIPT| --shell|( --with \S+)? script\.sh( arg)?)?",
     "test/guest/selftest.sh: boot.py"),
    (r"\./run build( fuzz)?", RING + "ensure_build"),
    (r"\./run check", RING + "\"style\""),
    (r"\./run hooks", BY_HAND + "it changes the repository"),
    (r"\./run package", BY_HAND + "it is a test, and takes minutes and root"),
    (r"(apt (build-dep|install|remove|purge)|dpkg-source|cd sluice-[0-9.]+ && dpkg-build).*",
     BY_HAND + "./run package does it in a clean system"),
    (r"DESTDIR=\S+ meson install .*", "test/package/install_test.py: \"install\", \"-C\""),
    (r"cc -o app .*", "test/package/install_test.py: \"pkg-config\""),
    (r"\./run docs", RING + '"docs": ["docs"]'),
    (r"\./run monitoring", RING + '"monitoring": ["monitoring"]'),
    (r"\./run demo", RING + '"demo": ["demo"]'),
    (r"\./run compat.*", BY_HAND + "makes chroots of other releases, which takes an hour"),
    (r"\./run conformance.*", RING + "run_conformance"),
    (r"\./run fuzz( .*)?", RING + "run_fuzz"),
    (r"build/fuzz/test/fuzz/mailbox_fuzz build/fuzz/findings/.*", "test/fuzz/replay.c: run_folder"),
    (r"build/fuzz/test/fuzz/\w+ -.*", BY_HAND + "libFuzzer's own, for what a run has found"),
    (r"\./run soak", SHORT + "{build}/test/pmd/pmd_soak_test {plugins} 82599 1"),
    (r"\./run experiments.*", "test/experiments/pipeline_test.py: run.py"),
    (r"\./run bench restart", SHORT + "{source}/test/model/server/restart.py {build} 1"),
    (r"\./run bench hybrid --guest.*", RING + '["bench", "hybrid", "--guest"'),
    (r"\./run bench hybrid.*", "test/bench/hybrid/bench.c: nb_strategies"),
    (r"\./run bench datapath.*", "test/bench/datapath/budget.py: --cases"),
    (r"test/bench/datapath/budget\.py .*", "test/bench/datapath/budget.py: --write"),
    (r"\./run bench model", SHORT + "{build}/test/model/datapath_bench 1"),
    (r"\./run bench mailbox", SHORT + "{build}/test/pmd/mailbox_bench {plugins} 1"),
    (r"\./run bench footprint",
     SHORT + "{source}/test/model/server/footprint.py {build} 1 82599 1"),
    (r"(devtools/setup\.sh|meson setup|meson install).*", RING + "ensure_build"),
    # The operator's tools; the model's daemon answers.
    (r"(build/gcc/app/sluicectl/)?sluicectl (show|set vf \d+ vlan \d+|show vf \d+|show --json|"
     r"metrics|token)", RUN),
    (r"sluiced --(version|schema)", RUN),
    (r"sluicectl doctor --report", "test/model/server/operator_test.py: --report"),
    (r"sluicectl capture vf 1 -w .*", "test/model/server/capture_test.py: capture"),
    (r"sluicectl vfs create \d+", "test/negative/daemon_test.py: \"create\""),
    (r"(build/\S*/)?sluice-keeper (build/\S*/)?sluiced .*",
     "test/guest/tests/sluiced.sh: sluiced_start sluice-keeper"),
    (r"systemctl (stop|reload) sluiced", "test/guest/tests/systemd.sh: systemctl"),
    (r"systemd-analyze security sluiced\.service", "test/unit/host/systemd_test.py: security"),
    (r"modprobe vfio-pci enable_sriov=1|echo \d+ > /sys/kernel/mm/hugepages/\S*/nr_hugepages",
     "test/guest/tests/systemd.sh: guide sh"),
    (r"echo \S+ \| dpdk-telemetry\.py -f sluiced",
     "test/model/server/operator_test.py: \"dpdk-telemetry.py\""),
    (r"dpdk-telemetry-exporter\.py .*",
     BY_HAND + "not in DPDK 22.11; test_exporter_endpoint loads its endpoint as it does"),
    (r"promtool check metrics", RING + '"monitoring": ["monitoring"]'),
    # Programs that have a port.
    (r"dpdk-testpmd --no-huge .*--vdev sluicemodel0,family=.*", RUN),
    (r"sluice-model --listen .*", "test/model/server/rig.py: sluice-model"),
    (r"dpdk-testpmd \.\.\. --vdev sluicemodel0,connect=.*",
     "test/model/server/processes_test.py: testpmd"),
    (r"dpdk-testpmd .*--vfio-vf-token \"\$\(\S*sluicectl token\)\".*",
     "test/guest/tests/testpmd.sh: try_checklist"),
    (r"sluice-fwd .*--mac-mode rewrite.*", "test/guest/tests/rx-interrupts.sh: --mac-mode rewrite"),
    (r"sluice-fwd .*--mode hybrid.*", "test/pmd/forward_test.py: \"--mode\", \"hybrid\""),
    # Of a page's own machine.
    (r"lspci .*|(PF|PATH|PLUGIN)=\S+", "test/guest/tests/testpmd.sh: PF=$PF0"),
)
