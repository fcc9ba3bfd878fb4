"""A service that classifies images with a .nir file: numpy, the standard library and the runtime, no torch.

    python examples/service.py snn.nir [--port 8080] [--timesteps T] [--target cpu]
    curl --data-binary @digit.npy http://127.0.0.1:8080/classify

POST /classify takes one image or a batch as a .npy file: (C, H, W) or (n, C, H, W), uint8 pixels or floats that are
normalised already; the answer is JSON. GET / says what the network takes. Pixels are normalised as the network's file
says; one that was converted from a loader's floats says nothing: give --mean and --stddev then.
"""

import argparse
import io
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

import neurocuda
from neurocuda import runtime

MOST_BYTES = 64 << 20


class Classifier:
    """One network, ready to run; may be called from several threads."""

    def __init__(self, path: str, target: str, timesteps: int, mean: list[float], stddev: list[float]):
        program = runtime.load(path)
        self.shape = tuple(program.input_shape)
        self.mean, self.stddev = (np.asarray(values, np.float32).reshape(-1, 1, 1)
                                  for values in (mean or program.mean, stddev or program.stddev))
        self.timesteps, self.mode = timesteps or program.timesteps, program.mode
        self.executable = runtime.compile(program, target)

    def facts(self) -> dict:
        return {"shape": list(self.shape), "timesteps": self.timesteps, "mode": self.mode, "target": self.executable.target}

    def __call__(self, images: np.ndarray) -> list[dict]:
        if images.ndim == 3:
            images = images[None]
        if images.shape[1:] != self.shape:
            raise ValueError(f"images of shape {images.shape[1:]}, the network takes {self.shape}")
        if images.dtype == np.uint8:
            if not self.mean.size or not self.stddev.size:
                raise ValueError("pixels, but the network's file states no mean and stddev: start the service with both, or send floats")
            images = (images / np.float32(255) - self.mean) / self.stddev
        run = self.executable.run(np.ascontiguousarray(images, np.float32), timesteps=self.timesteps, mode=self.mode)
        return [{"class": int(answer), "logits": [float(x) for x in logits]}
                for answer, logits in zip(run.predictions(), run.logits())]


def handler_for(classifier: Classifier):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(200, classifier.facts())

        def do_POST(self):
            size = int(self.headers.get("Content-Length") or 0)
            if self.path != "/classify" or not 0 < size <= MOST_BYTES:
                return self.answer(404 if size <= MOST_BYTES else 413, {"error": "POST a .npy file to /classify"})
            try:
                images = np.load(io.BytesIO(self.rfile.read(size)), allow_pickle=False)
                self.answer(200, {"answers": classifier(images)})
            except (ValueError, EOFError, neurocuda.UserError) as error:
                self.answer(400, {"error": str(error)})

        def answer(self, status: int, document: dict):
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", help="a .nir file")
    parser.add_argument("--port", type=int, default=8080, help="0: any that is free")
    parser.add_argument("--timesteps", type=int, default=0, help="0: the network's own")
    parser.add_argument("--target", default="cpu")
    parser.add_argument("--mean", type=float, nargs="+", default=[], help="of pixel / 255; the network's own unless given")
    parser.add_argument("--stddev", type=float, nargs="+", default=[])
    options = parser.parse_args()
    classifier = Classifier(options.network, options.target, options.timesteps, options.mean, options.stddev)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler_for(classifier))
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
