"""Output of tools: found, its key figures told, and no hop taken for the customer's address."""

from __future__ import annotations

import pytest

from models.words import Field

PING = """PING 198.51.100.1 (198.51.100.1) 56(84) bytes of data.
From 192.0.2.9 icmp_seq=1 Destination Host Unreachable

--- 198.51.100.1 ping statistics ---
4 packets transmitted, 0 received, 100% packet loss, time 3068ms"""
PING_OK = """64 bytes from 198.51.100.1: icmp_seq=9 ttl=57 time=181 ms
--- 198.51.100.1 ping statistics ---
50 packets transmitted, 41 received, 18% packet loss, time 49068ms
rtt min/avg/max/mdev = 11.302/181.440/260.001/3.2 ms"""
WINDOWS = """Ping statistics for 198.51.100.1:
    Packets: Sent = 4, Received = 1, Lost = 3 (75% loss),
Approximate round trip times in milli-seconds:
    Minimum = 12ms, Maximum = 14ms, Average = 13ms"""
GERMAN = """Ping-Statistik für 198.51.100.1:
    Pakete: Gesendet = 4, Empfangen = 0, Verloren = 4
    (100% Verlust),"""
MTR = """HOST: box                         Loss%   Snt   Last   Avg  Best  Wrst StDev
  1.|-- 10.0.0.1                   0.0%   100    0.4   0.5   0.3   1.2   0.1
  2.|-- 192.0.2.1                 60.0%   100    3.1   3.3   2.9   9.8   0.7
  3.|-- 203.0.113.77              12.0%   100   48.1  51.3  44.9 190.8  20.7"""
TRACE = """traceroute to 203.0.113.77 (203.0.113.77), 30 hops max, 60 byte packets
 1  10.0.0.1 (10.0.0.1)  0.401 ms  0.388 ms  0.370 ms
 2  192.0.2.1 (192.0.2.1)  3.101 ms  3.088 ms  3.070 ms
 3  * * *
 4  * * *"""
IPERF = """[ ID] Interval           Transfer     Bitrate         Retr
[  5]   0.00-10.00  sec  52.4 MBytes  44.0 Mbits/sec  318             sender
[  5]   0.00-10.04  sec  51.1 MBytes  42.7 Mbits/sec                  receiver"""
SPEED = "Speed test from the plant: download 12.4 Mbps, upload 93.1 Mbps"
LIGHT = """  Laser output power : -2.1 dBm
  Receive power      : -31.4 dBm"""
BGP = """BGP neighbor is 192.0.2.1, remote AS 64500
  BGP state = Idle, down for 00:41:12"""
COUNTERS = """GigabitEthernet0/1 is up, line protocol is up
     18442 input errors, 18001 CRC, 0 frame, 0 overrun"""


@pytest.mark.parametrize(
    ("block", "figures"),
    [
        (PING, "loss 100 %, 4 sent, 0 received"),
        (PING_OK, "loss 18 %, 50 sent, 41 received, average round trip 181.440 ms"),
        (WINDOWS, "loss 75 %, 4 sent, 1 received, average round trip 13 ms"),
        (GERMAN, "loss 100 %, 4 sent, 0 received"),
        (MTR, "last hop 3 (203.0.113.77), loss 12 % at the last hop, average 51.3 ms at the last hop"),
        (TRACE, "last hop 2 (192.0.2.1), no answer at the end"),
        (IPERF, "sender 44.0 Mbits/sec, receiver 42.7 Mbits/sec"),
        (SPEED, "download 12.4 Mbps, upload 93.1 Mbps"),
        (LIGHT, "output -2.1 dBm, receive -31.4 dBm"),
        (BGP, "BGP idle"),
        (COUNTERS, "input errors 18442, crc 18001"),
    ],
)
def test_key_figures_are_told(read, block, figures) -> None:
    reading = read(f"Hello,\n\nLX-0040712 has trouble since 9:00, see below.\n\n{block}\n")
    (found,) = [f for f in reading.findings if f.field is Field.TEST_RESULTS]
    assert found.detail.startswith(figures)
    assert not set(reading.ip_addresses) & {"10.0.0.1", "192.0.2.1", "192.0.2.9"} or block is BGP


def test_total_loss_is_evidence_for_the_impact(read) -> None:
    found = [f for f in read(f"LX-0040712, please see:\n\n{PING}\n").findings if f.field is Field.IMPACT]
    assert (found[0].value, found[0].rule) == ("service_affecting", "impact.number.loss")


@pytest.mark.parametrize(
    "text",
    ["We rebooted the router at 9:40.", "The SFP was swapped.", "The monitoring shows an alarm.", "We pay for 100 Mbps.", "Test results: none yet"],
)  # fmt: skip
def test_what_was_done_is_no_result(read, text) -> None:
    assert not read(f"LX-0040712 is down. {text}").has_test_results
