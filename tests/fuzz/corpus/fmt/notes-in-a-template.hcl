locals {
  a45	=  "${var # note

	 # note

	 # note

	 # note

	 # note

	 # note

	 # note

	 # note

	.x}" # note

	a13  = local.a.b

}

output "o" {
	a30	=	-1 *  "${var.x}"   
 ccc82	=  merge   (  "${var.x}"   +  "s", [  ], [for	k	,   v in  "s":v ])
}
