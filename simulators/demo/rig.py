"""The whole chain on one machine: two brokers, devices, gateway, cloud. Used by the demo and by the scenario tests.

Every server binds to loopback on a free port; only processes started here are ended, by their pid.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMUNITY = {"adcode": "110105", "community": "wangjing-west", "building": "b12"}
GATEWAY = "wangjing-b12"
# A child must not outlive a test that was killed. Called from the main thread only: the signal follows the thread that started it.
DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL"]


class RigError(Exception):
    """Something did not come up, or did not happen in time."""


def free_port():
    """A port of loopback below the range of outgoing connections: none of those can take it while its server is down."""
    for _ in range(1000):
        port = random.SystemRandom().randint(15000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RigError("no free port")


def wait_for(what, test, seconds=20.0, every=0.02):
    """The first true value of test(); RigError names `what` when it does not come."""
    end = time.monotonic() + seconds
    while True:
        found = test()
        if found:
            return found
        if time.monotonic() > end:
            raise RigError(f"not within {seconds:g} s: {what}")
        time.sleep(every)


class Process:
    """A child with its log; stdout lines are kept when asked for."""

    def __init__(self, name, command, log_dir, lines=False, stdin=False):
        self.name, self.lines, self.on_line = name, [], None
        self.log = open(log_dir / f"{name}.log", "ab")
        self.child = subprocess.Popen(
            DIES_WITH_US + [str(part) for part in command],
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE if lines else self.log, stderr=self.log)
        if lines:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for raw in self.child.stdout:
            at = time.time()
            line = raw.decode(errors="replace").rstrip("\n")
            self.lines.append((at, line))

    def order(self, text):
        self.child.stdin.write((text + "\n").encode())
        self.child.stdin.flush()

    def alive(self):
        return self.child.poll() is None

    def kill(self, how=signal.SIGKILL):
        if self.alive():
            self.child.send_signal(how)
        self.child.wait(timeout=20)

    def stop(self):
        if self.alive():
            self.child.terminate()
            try:
                self.child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()


def config_value(value):
    return json.dumps(value, ensure_ascii=False)


class Rig:
    """start() brings everything up; stop() ends it. Folders and logs are in `dir`."""

    def __init__(self, bin_dir, keep_dir=None):
        self.bin = pathlib.Path(bin_dir).resolve()
        self.dir = pathlib.Path(keep_dir or tempfile.mkdtemp(prefix="tocsin-"))
        self.processes = {}
        self.ports = {name: free_port() for name in ("field", "city", "api")}
        self.socket = self.dir / "control"
        self.token = None
        self.sim_port = None
        self.cloud_extra = ""  # more of cloud.toml

    # ---- parts ---------------------------------------------------------------------------------------------------

    def run(self, name, command, **options):
        process = Process(name, command, self.dir, **options)
        self.processes[name] = process
        return process

    def start_broker(self, name):
        port = self.ports[name]
        conf = self.dir / f"{name}.conf"
        stay = "user root\n" if os.geteuid() == 0 else ""  # a change of user would undo DIES_WITH_US
        conf.write_text(f"{stay}listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n"
                        f"max_inflight_messages 50\nmax_queued_messages 20000\n"
                        f"retain_available {'true' if name == 'city' else 'false'}\n")
        self.run(name, [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", conf])
        wait_for(f"{name} broker listens", lambda: self._listens(port))

    @staticmethod
    def _listens(port):
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def start_sim(self):
        sim = self.run("sim", [self.bin / "tocsin-sim", "building"], lines=True, stdin=True)
        wait_for("the simulated building is ready", lambda: sim.lines, 10)
        self.sim_port = json.loads(sim.lines[0][1])["port"]

    def write_gateway_config(self, text=None):
        if text is None:
            text = (ROOT / "simulators/demo/gateway.toml").read_text()
        text = text.replace("@FIELD@", str(self.ports["field"])).replace("@SIM@", str(self.sim_port))
        (self.dir / "gateway.toml").write_text(text)

    def start_gateway(self):
        self.run("gateway", [self.bin / "tocsin-gateway", "--config", self.dir / "gateway.toml", "--state", self.dir / "gateway",
                             "--socket", self.socket, "--profiles", ROOT / "drivers/profiles"])

    def start_cloud(self):
        (self.dir / "cloud.toml").write_text(
            f'field = {{ broker = "mqtt://127.0.0.1:{self.ports["field"]}" }}\n'
            f'city = {{ broker = "mqtt://127.0.0.1:{self.ports["city"]}" }}\n'
            f'api = {{ listen = "127.0.0.1:{self.ports["api"]}" }}\nstore = {{ url = "sqlite:" }}\n'
            f'[community.{COMMUNITY["community"]}]\nadcode = "{COMMUNITY["adcode"]}"\ngateways = ["{GATEWAY}"]\n'
            f'[site."{COMMUNITY["community"]}/{COMMUNITY["building"]}"]\n'
            f'address = "望京西路 12 号"\nphone = "010-00000000"\nentrances = ["north gate"]\nhydrants = ["H-7, north-east corner"]\n'
            f'hazards = ["gas riser in the stairwell"]\n{self.cloud_extra}')
        state = self.dir / "cloud"
        if self.token is None:
            state.mkdir(exist_ok=True)
            made = subprocess.run([self.bin / "tocsin-cloud", "token", "create", "--role", "admin", "--state", state],
                                  capture_output=True, text=True, timeout=20)
            if made.returncode != 0:
                raise RigError(f"no API token: {made.stderr.strip()}")
            self.token = made.stdout.split()[-1]
        self.run("cloud", [self.bin / "tocsin-cloud", "run", "--config", self.dir / "cloud.toml", "--state", state])

    def start_city(self):
        """The city's subscriber: every message with the time it came."""
        return self.run("city-sub", [shutil.which("mosquitto_sub"), "-h", "127.0.0.1", "-p", self.ports["city"], "-V", "mqttv5",
                                     "-q", "1", "-t", "city/#", "-F", "%t\t%r\t%p"], lines=True)

    def start(self, config=None):
        """Everything; `config` is a gateway.toml for other devices than those of the simulated building."""
        self.start_broker("field")
        self.start_broker("city")
        self.start_city()
        if config is None:
            self.start_sim()
        self.write_gateway_config(config)
        self.start_cloud()
        self.start_gateway()
        self.wait_connected()

    def stop(self, keep_files=False):
        for name in ("gateway", "cloud", "sim", "city-sub", "field", "city"):
            if name in self.processes:
                self.processes[name].stop()
        for name, process in self.processes.items():
            process.stop() if process.alive() else None
        if not keep_files:
            shutil.rmtree(self.dir, ignore_errors=True)

    # ---- questions -----------------------------------------------------------------------------------------------

    def tocsin(self, *words):
        """The installer's command with --json: (exit code, object)."""
        done = subprocess.run([self.bin / "tocsin", "--socket", self.socket, "--json", *words], capture_output=True, text=True, timeout=30)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            return done.returncode, {"error": done.stderr.strip()}

    def status(self):
        return self.tocsin("status")[1]

    def wait_connected(self, seconds=30):
        wait_for("the gateway's uplink is resumed by the cloud",
                 lambda: self.status().get("uplink", {}).get("resumed"), seconds, 0.1)

    def get(self, path):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['api']}{path}",
                                         headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def api(self, path):
        return json.loads(self.get(path))

    def all_alarms(self):
        items, path = [], "/api/v1/alarms?state=all&limit=200"
        while path:
            page = self.api(path)
            items += page["items"]
            path = f"/api/v1/alarms?state=all&limit=200&cursor={page['next']}" if page["next"] else None
        return items

    def happenings(self):
        """What happened in the building: (utc seconds, what, name, state)."""
        found = []
        for _, line in list(self.processes["sim"].lines)[1:]:
            event = json.loads(line)
            found.append((event["utc_ms"] / 1000, event["what"], event["name"], event["state"]))
        return found

    def happened(self, what, name, state, after=0.0):
        for event in self.happenings():
            if event[0] >= after and event[1:] == (what, name, state):
                return event
        return None

    def city_messages(self):
        """What the city was told: (time it came, topic, retained, document or None when cleared)."""
        found = []
        for at, line in list(self.processes["city-sub"].lines):
            topic, retained, payload = line.split("\t", 2)
            found.append((at, topic, retained == "1", json.loads(payload) if payload.startswith("{") else None))
        return found

    def city_log(self):
        """The city's gap-free log: {feed_seq: [documents]}."""
        entries = {}
        for _, topic, _, document in self.city_messages():
            if topic.endswith("/log") and document:
                entries.setdefault(document["feed_seq"], []).append(document)
        return entries
