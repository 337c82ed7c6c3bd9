"""One address for a browser: pages from Odoo's workers, the socket from its other port.

What a web server in front of Odoo does, without anything else. Loopback only.
"""

import re
import socket
import threading

END = b"\r\n\r\n"


class Front:
    """Listens until closed; ``port`` is where.

    :param record: keep all that goes to the browser: in ``pages``, in ``sockets``
    """

    def __init__(self, http, gevent, record=False):
        self.http, self.gevent, self.record = http, gevent, record
        self.pages, self.sockets = bytearray(), bytearray()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.server.close()

    def _accept(self):
        while True:
            try:
                client, _address = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        """One request per connection, so that each finds its own server."""
        try:
            head = b""
            while END not in head:
                data = client.recv(65536)
                if not data:
                    return
                head += data
            upgrade = head.split(b" ", 2)[1].startswith(b"/websocket")
            port = self.gevent if upgrade else self.http
            if not upgrade:
                lines, _end, body = head.partition(END)
                lines = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", lines)
                if self.record:
                    # as it is, not compressed
                    lines = re.sub(rb"(?i)\r\naccept-encoding:[^\r]*", b"", lines)
                head = lines + b"\r\nConnection: close" + END + body
            heard = self.sockets if upgrade else self.pages
            with socket.create_connection(("127.0.0.1", port), 60) as server:
                server.settimeout(None)
                server.sendall(head)
                back = threading.Thread(
                    target=_copy,
                    args=(server, client, heard if self.record else None),
                    daemon=True,
                )
                back.start()
                _copy(client, server)
                back.join()
        except OSError:
            return
        finally:
            client.close()


def _copy(source, target, heard=None):
    try:
        while data := source.recv(65536):
            if heard is not None:
                heard.extend(data)
            target.sendall(data)
    except OSError:
        return
    finally:
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return
