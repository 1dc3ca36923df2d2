"""A way to a directory that closes after some of what is said has gone through.

    ldap_gate.py PORT MESSAGES

Prints the port it listens at. Of each connection the first MESSAGES of the client's messages (LDAP,
RFC 4511 section 5.1: BER, one after the other) go on to 127.0.0.1:PORT; then both ends are closed.
Serves one connection after the other, until it is ended.
"""
import socket
import sys
import threading


def read_exactly(peer, count):
    data = b""
    while len(data) < count:
        got = peer.recv(count - len(data))
        if not got:
            return b""
        data += got
    return data


def read_message(peer):
    head = read_exactly(peer, 2)
    if not head:
        return b""
    length = head[1]
    if length & 0x80:
        more = read_exactly(peer, length & 0x7F)
        head += more
        length = int.from_bytes(more, "big")
    return head + read_exactly(peer, length)


def pass_back(server, client):
    try:
        while data := server.recv(65536):
            client.sendall(data)
    except OSError:
        pass


def main():
    port, messages = int(sys.argv[1]), int(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        back = threading.Thread(target=pass_back, args=(server, client))
        back.start()
        for _ in range(messages):
            message = read_message(client)
            if not message:
                break
            server.sendall(message)
        # The one after the last is read, so that its answer is what is missing.
        read_message(client)
        for one in (server, client):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        back.join()
        server.close()
        client.close()


main()
